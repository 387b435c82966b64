import { expect } from 'chai';
import { Subject, type Observable } from 'rxjs';
import { FakeLease, FencedStore } from '../../test/support/fake-lease.js';
import { nameOf } from '../../test/support/fake-store.js';
import { hold, type Hold } from '../delivery.js';
import { promises, steppedThingStream, SteppedTime, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { keyedWork } from '../work/keyed-work.js';

/** How long a keeper counts a lease as held that it cannot renew, in milliseconds. */
const HELD_MS = 800;

describe('Work under a lease that is lost', () => {
  let store: FencedStore;
  let lease: FakeLease;
  let time: SteppedTime;
  let stream: SteppedThingStream;
  let begun: string[];
  let errors: unknown[];
  /** Ends the work on events, by name. */
  let ends: Map<string, Subject<never>>;

  beforeEach(async () => {
    store = new FencedStore();
    lease = new FakeLease();
    time = new SteppedTime();
    stream = steppedThingStream({ replay: { store, from: 'earliest', commitIntervalMs: 0 }, lease }, time);
    begun = [];
    errors = [];
    ends = new Map();
    stream.events$.pipe(working()).subscribe({ error: (error: unknown) => errors.push(error) });
    await time.pass(1);
    stream.service.stream.send('a', 'b', 'c');
    await time.pass(1);
  });

  const working = () =>
    keyedWork({
      project: ({ id }: { readonly id: string }): Observable<never> => {
        const end = new Subject<never>();
        begun.push(id);
        ends.set(id, end);
        return end;
      },
      concurrency: 2,
      caller: 'handle()',
      keysOf: () => [],
      limit: undefined,
    });

  it('does not begin, and what has begun is not committed', async () => {
    expect(begun).to.deep.equal(['a', 'b']);
    lease.holder = 99;
    store.largest = 99;
    await time.pass(400);
    ends.get('a')?.complete();
    await time.pass(20_000);
    expect(begun).to.deep.equal(['a', 'b']);
    expect(stream.warnings).to.deep.equal([
      '/data/ThingChangeEvent: the lease is lost, and work on one event is not done here. It comes again to who has the lease.',
    ]);
    expect(nameOf(store.position)).to.equal(undefined);
    expect(errors).to.deep.equal([]);
  });

  it('does not begin after the thread stood still for too long, also before the timer of the lease rings', async () => {
    lease.onRenew = () => new Promise(() => undefined);
    time.frame += HELD_MS + 1;
    ends.get('a')?.complete();
    expect(begun).to.deep.equal(['a', 'b']);
    await time.pass(20_000);
    // It comes again to who has the lease next: here, to the same one.
    stream.service.stream.send('c', 'd');
    await time.pass(1);
    expect(begun).to.deep.equal(['a', 'b', 'c']);
    expect(errors).to.deep.equal([]);
  });

  for (const isQueued of [true, false]) {
    const what = isQueued ? 'waits' : 'comes';
    it(`begins under the next lease, when it ${what} while the thread stands still and a late renewal is answered`, async () => {
      let answer: () => void = () => undefined;
      lease.onRenew = () => new Promise<void>((resolve) => (answer = resolve));
      await time.pass(HELD_MS / 2);
      lease.onRenew = () => Promise.resolve();
      time.frame += HELD_MS / 2 + 50;
      // What is read before the timers ring: first this, then the answer.
      if (isQueued) ends.get('a')?.complete();
      else stream.service.stream.send('d');
      await promises();
      answer();
      await promises();
      expect(stream.statuses.map(({ type }) => type)).to.include('lost');
      expect(begun).to.deep.equal(['a', 'b']);
      await time.pass(400);
      expect(lease.tokens).to.equal(2);
      stream.service.stream.send('c', 'd');
      ends.get('b')?.complete();
      await time.pass(1);
      expect(begun).to.include('c');
      expect(errors).to.deep.equal([]);
    });
  }

  it('that fails after the thread stood still is not the error of the subscription: another replica does it', async () => {
    const other = steppedThingStream({ replay: { store, name: 'other', commitIntervalMs: 0 }, lease: new FakeLease() });
    const failed: unknown[] = [];
    let held: Hold | undefined;
    other.events$.subscribe({ next: (event) => (held = hold(event)), error: (error: unknown) => failed.push(error) });
    await other.pass(1);
    other.service.stream.send('a');
    await other.pass(1);
    other.time.frame += HELD_MS + 1;
    held?.fail(new Error('away'));
    await other.pass(0);
    expect(failed).to.deep.equal([]);
  });

  it('is not handed out after a handler has kept the thread for too long', async () => {
    const other = steppedThingStream({ replay: { store, name: 'other', commitIntervalMs: 0 }, lease: new FakeLease() });
    const seen: string[] = [];
    other.events$.subscribe(({ id }) => {
      seen.push(id);
      if (id === 'a') other.time.frame += HELD_MS + 1;
    });
    await other.pass(1);
    other.service.stream.send('a', 'b');
    await other.pass(1);
    expect(seen).to.deep.equal(['a']);
  });

  it('begins while the lease is held', async () => {
    ends.get('a')?.complete();
    await time.pass(1);
    expect(begun).to.deep.equal(['a', 'b', 'c']);
  });
});

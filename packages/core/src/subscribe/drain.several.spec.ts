import type { StoreError } from '../ports/replay-store.js';
import { expect } from 'chai';
import { repeat, retry, Subject, switchMap, take, timer, type MonoTypeOperatorFunction } from 'rxjs';
import { deferred, FakeStore, nameOf } from '../../test/support/fake-store.js';
import { see, steppedThingStream, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { ServiceError, type RxforceError } from '../model/errors.js';
import { Ok, type Result } from '../model/result.js';
import type { ChangeEvent } from '../model/events.js';
import { drain, drainSuite, TOPIC } from '../../test/support/drained.js';

describe('draining', () => {
  const suite = drainSuite();
  const { withStore } = suite;

  it('waits for the late work of a subscription that had ended, and no longer than it may', async () => {
    for (const finishes of [true, false]) {
      suite.store = new FakeStore();
      const stream = withStore();
      const seen = stream.subscribeHolding();
      await stream.pass(1);
      stream.service.stream.send('a');
      seen.subscription.unsubscribe();
      await stream.pass(1_000);
      const drained = drain(stream, 2_000);
      await stream.pass(1_000);
      expect(drained.report).to.equal(undefined);
      if (finishes) seen.release('a');
      await stream.pass(finishes ? 1 : 1_000);
      expect(drained.report).to.deep.include(finishes ? { settled: 1, unsettled: 0 } : { settled: 0, unsettled: 1 });
      expect(suite.store.saved).to.deep.equal(finishes ? ['a'] : []);
    }
  });

  it('ends a subscription that is waiting, parked, or not open yet', async () => {
    const cases: readonly ((stream: SteppedThingStream) => Promise<void> | void)[] = [
      async (stream) => {
        await stream.pass(1);
        stream.service.stream.fail(new ServiceError('no', { retriable: true }));
      },
      async (stream) => {
        await stream.pass(1);
        stream.service.stream.send('a');
        stream.service.stream.end();
      },
      () => undefined,
    ];
    for (const prepare of cases) {
      suite.store = new FakeStore();
      const stream = withStore({ window: 1 });
      const seen = stream.subscribeHolding();
      await prepare(stream);
      const streams = stream.service.streams.length;
      const drained = drain(stream, 1_000);
      await stream.pass(1_000);
      expect(seen.completed).to.equal(true);
      expect(drained.report).not.to.equal(undefined);
      await stream.pass(60_000);
      expect(stream.service.streams).to.have.length(streams);
      expect(suite.store.locked).to.equal(false);
    }
  });

  it('half-closes a stream that is asked for its first events only later', async () => {
    const stream = steppedThingStream({});
    const opened = new Subject<void>();
    const { subscribe } = stream.service;
    stream.service.subscribe = (start, demand, silence) =>
      subscribe.call(
        stream.service,
        start,
        opened.pipe(
          take(1),
          switchMap(() => demand),
        ),
        silence,
      );
    stream.subscribe();
    await stream.pass(1);
    drain(stream);
    opened.next();
    expect([stream.service.stream.requests, stream.service.stream.halfClosed]).to.deep.equal([[], true]);
  });

  it('sums up all subscriptions, and lets no more be made', async () => {
    const stream = steppedThingStream({ replay: 'earliest', window: 4 });
    const [first, second] = [stream.subscribeHolding(), stream.subscribeHolding()];
    await stream.pass(1);
    stream.service.streams.forEach((each) => each.send('a', 'b'));
    const drained = drain(stream, 1_000);
    const late = stream.subscribe();
    expect((late.errors[0] as RxforceError).code).to.equal('client-closed');
    first.release('a', 'b');
    second.release('b');
    await stream.pass(1_000);
    expect(drained.report).to.deep.equal({
      settled: 3,
      unsettled: 1,
      uncommitted: 0,
      subscriptions: [
        { topic: TOPIC, name: undefined, settled: 2, unsettled: 0, uncommitted: 0, lastCommitted: undefined },
        { topic: TOPIC, name: undefined, settled: 1, unsettled: 1, uncommitted: 0, lastCommitted: undefined },
      ],
    });
  });

  it('reports no commit of its own without a store, also when it went on after another subscription', async () => {
    const stream = steppedThingStream({ replay: 'earliest', maxAttempts: 1 });
    see(stream.events$.pipe(retry(1)));
    await stream.pass(1);
    stream.service.stream.send('a');
    stream.service.stream.end();
    await stream.pass(5);
    expect(nameOf(stream.service.stream.start.from)).to.equal('a');
    const drained = drain(stream);
    await stream.pass(1);
    expect(drained.report!.subscriptions[0]).to.deep.include({ name: undefined, lastCommitted: undefined });
  });

  it('reports where the next one goes on, when it went on after another subscription that had not committed', async () => {
    const stream = withStore({ maxAttempts: 1 });
    see(stream.events$.pipe(retry(1)));
    await stream.pass(1);
    stream.service.stream.send('a');
    await stream.pass(1);
    stream.service.stream.send('b');
    stream.service.stream.end();
    await stream.pass(5);
    const drained = drain(stream);
    await stream.pass(1);
    expect(nameOf(drained.report!.subscriptions[0]!.lastCommitted)).to.equal('b');
    expect(suite.store.saved.at(-1)).to.equal('b');
  });

  it('gives the same report to all who ask', async () => {
    const stream = withStore();
    const seen = stream.subscribeHolding();
    await stream.pass(1);
    stream.service.stream.send('a');
    const [first, second] = [drain(stream), drain(stream)];
    await stream.pass(1);
    seen.release('a');
    await stream.pass(1);
    expect(first.report).to.deep.include({ settled: 1, unsettled: 0 });
    expect(second.report).to.equal(first.report);
  });

  it('is what a save under way is waited for', async () => {
    const save = deferred<Result<void, StoreError>>();
    suite.store.onSave = () => save.promise;
    const stream = withStore();
    stream.subscribe();
    await stream.pass(1);
    stream.service.stream.send('a');
    await stream.pass(1);
    const drained = drain(stream);
    await stream.pass(1_000);
    expect(drained.report).to.equal(undefined);
    save.resolve(Ok(undefined));
    await stream.pass(0);
    expect(nameOf(drained.report!.subscriptions[0]!.lastCommitted)).to.equal('a');
  });

  describe('what an operator subscribes to again', () => {
    const errorsOf = (
      stream: SteppedThingStream,
      operator: MonoTypeOperatorFunction<ChangeEvent<{ Name: string }>>,
    ) => {
      const seen = { errors: [] as unknown[], completed: false };
      stream.events$.pipe(operator).subscribe({
        next: () => undefined,
        error: (error: unknown) => seen.errors.push(error),
        complete: () => (seen.completed = true),
      });
      return seen;
    };

    it('ends in peace with nothing more, behind repeat(), which goes on at a completion', async () => {
      const stream = withStore();
      const seen = errorsOf(stream, repeat());
      await stream.pass(1);
      stream.service.stream.send('a');
      await stream.pass(1);
      const drained = drain(stream);
      await stream.pass(5_000);
      expect(drained.report).to.include({ settled: 0, unsettled: 0 });
      expect(seen).to.deep.equal({ errors: [], completed: false });
    });

    it('ends with a completion, behind retry({ delay }), which goes on at an error', async () => {
      const stream = withStore({ maxAttempts: 1 });
      const seen = errorsOf(stream, retry({ delay: () => timer(1_000, stream.time) }));
      await stream.pass(1);
      stream.service.stream.send('a');
      stream.service.stream.end();
      await stream.pass(10);
      drain(stream);
      await stream.pass(5_000);
      expect(seen).to.deep.equal({ errors: [], completed: true });
    });

    it('is an error, when somebody subscribes anew', async () => {
      const stream = withStore();
      drain(stream);
      await stream.pass(1);
      const { errors } = stream.subscribe();
      expect(errors[0]).to.include({ code: 'client-closed' });
    });
  });
});

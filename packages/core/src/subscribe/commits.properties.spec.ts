import { expect } from 'chai';
import fc from 'fast-check';
import { hold, type Hold } from '@rxforce/core/delivery';
import { BUSY, deferred, FakeStore, nameOf } from '../../test/support/fake-store.js';
import { promises, see, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { Ok, type Result } from '../model/result.js';
import type { StreamPosition, StoreError } from '../ports/replay-store.js';
import { broken } from '../../test/support/breaking-streams.js';
import { range } from '../../test/support/thing-stream.js';
import { storeSuite } from '../../test/support/store-suite.js';

describe('eventStream with a store', () => {
  const suite = storeSuite();
  const { withStore } = suite;

  describe('whatever is settled when, and however saves and streams end', () => {
    type Step = readonly [
      'send' | 'release' | 'save' | 'fail-save' | 'break' | 'pass' | 'keepalive' | 'resubscribe',
      number,
    ];
    const step: fc.Arbitrary<Step> = fc.tuple(
      fc.constantFrom<Step[0][]>(
        ...(['send', 'send', 'release', 'release', 'save', 'save', 'fail-save'] as const),
        ...(['break', 'pass', 'pass', 'keepalive', 'resubscribe'] as const),
      ),
      fc.nat({ max: 12 }),
    );
    const world = fc.record({
      steps: fc.array(step, { maxLength: 60 }),
      window: fc.integer({ min: 1, max: 10 }),
      inOrder: fc.boolean(),
    });

    it('no position is saved before all up to it is settled, and never an earlier one than before', async () => {
      await fc.assert(
        fc.asyncProperty(world, async ({ steps, window, inOrder }) => {
          suite.store = new FakeStore();
          const stream = withStore({ replay: { from: 'earliest', commitIntervalMs: 50 }, window });
          await new Commits(stream, suite.store, window, inOrder).run(steps);
          suite.streams.pop();
        }),
        { numRuns: 150 },
      );
    });
  });

  /** Handlers that take their time, a store that does, too, and a service with a log. */
  class Commits {
    private readonly held: { readonly name: string; readonly held: Hold }[] = [];
    private readonly settled = new Set<string>();
    private readonly pending: ((result: Result<void, StoreError>) => void)[] = [];
    private readonly saved: number[] = [];
    private readonly errors: unknown[] = [];
    private readonly cursors = new WeakMap<object, number>();
    private made = 0;
    private making = true;
    private seen: ReturnType<typeof see> | undefined;

    constructor(
      private readonly stream: SteppedThingStream,
      private readonly store: FakeStore,
      private readonly window: number,
      private readonly inOrder: boolean,
    ) {}

    async run(steps: readonly (readonly [string, number])[]): Promise<void> {
      const { stream, store } = this;
      const { service } = stream;
      store.onSave = (position) => {
        this.check(position);
        const { promise, resolve } = deferred<Result<void, StoreError>>();
        this.pending.push(resolve);
        return promise;
      };
      stream.onStatus((status) => {
        if (!('window' in status)) return;
        const { type, outstanding, unsettled, uncommitted } = status;
        expect(outstanding + unsettled, 'outstanding + unsettled').to.be.at.most(this.window);
        // Out of order, many events become uncommitted at once, when the first of them is settled.
        if (!this.inOrder && type !== 'requested') return;
        expect(outstanding + unsettled + uncommitted, `with uncommitted, ${type}`).to.be.at.most(this.window);
      });
      this.subscribe();
      await stream.pass(1);
      for (const step of steps) {
        await this.do(step);
        await promises();
      }
      this.making = false;
      for (let round = 0; round < 300 && (this.saved.at(-1) ?? -1) < this.made - 1; round++) {
        for (const what of ['release', 'save', 'send', 'release', 'save'] as const) {
          await this.do([what, 12]);
          await stream.pass(2);
        }
        // Longer than any pause.
        if (service.stream.cancelled) await stream.pass(31_000);
      }
      expect([...this.errors, ...(this.seen?.errors ?? [])]).to.deep.equal([]);
      expect(this.settled.size, 'settled').to.equal(this.made);
      this.seen?.subscription.unsubscribe();
      for (let round = 0; round < 3; round++) {
        await this.do(['save', 12]);
        await stream.pass(6_000);
      }
      expect(this.saved.at(-1) ?? -1, 'saved in the end').to.equal(this.made - 1);
      expect(store.violations).to.deep.equal([]);
      expect([store.locked, stream.statuses.at(-1)?.type]).to.deep.equal([false, 'closed']);
    }

    private subscribe(): void {
      this.seen = see(this.stream.events$, (event) => {
        this.held.push({ name: event.id, held: hold(event) });
      });
    }

    /** A position is the index of an event, or that of a keepalive, which comes after one. */
    private check(position: StreamPosition): void {
      const name = String(nameOf(position));
      const index = name.startsWith('k') ? Number(/\d+/.exec(name)?.[0]) - 1 : Number(name.slice(1));
      for (let each = 0; each <= index; each++)
        expect(this.settled.has(`e${each}`), `e${each} at ${name}`).to.equal(true);
      expect(index, 'saved in order').to.be.at.least(this.saved.at(-1) ?? -1);
      this.saved.push(index);
    }

    private async do([what, count]: readonly [string, number]): Promise<void> {
      const { service } = this.stream;
      if (what === 'pass') await this.stream.pass(count * 20);
      else if (what === 'release') this.release(count);
      else if (what === 'save') this.pending.shift()?.(Ok(undefined));
      else if (what === 'fail-save') this.pending.shift()?.(BUSY);
      else if (what === 'resubscribe') await this.resubscribe();
      else if (service.streams.at(-1)?.cancelled === false) this.serve(what, count);
    }

    private release(count: number): void {
      for (let left = count; left > 0 && this.held.length > 0; left--) {
        const [each] = this.held.splice(this.inOrder ? 0 : (left * 5) % this.held.length, 1);
        // What follows its release is settled: an event of a subscription that is over comes again, and is settled
        // again.
        this.settled.add(each!.name);
        each!.held.release();
      }
    }

    private async resubscribe(): Promise<void> {
      this.seen?.subscription.unsubscribe();
      this.errors.push(...(this.seen?.errors ?? []));
      this.subscribe();
      await this.stream.pass(2);
    }

    private serve(what: string, count: number): void {
      const { stream } = this.stream.service;
      if (what === 'break') {
        stream.fail(broken);
        return;
      }
      const from = this.cursors.get(stream) ?? nextAfter(String(nameOf(stream.start.from)));
      if (what === 'keepalive') {
        if (from === this.made) stream.keepalive(`k${from}`);
        return;
      }
      if (stream.pending === 0) return;
      if (this.making && this.made < 100 && from >= this.made) this.made += count;
      const batch = range(Math.min(count, stream.pending, this.made - from)).map((_name, index) => `e${from + index}`);
      if (batch.length === 0) return;
      this.cursors.set(stream, from + batch.length);
      stream.send(...batch);
    }
  }
});

function nextAfter(from: string): number {
  if (from === 'earliest') return 0;
  return from.startsWith('k') ? Number(from.slice(1)) : Number(from.slice(1)) + 1;
}

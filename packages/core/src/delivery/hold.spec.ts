import { expect } from 'chai';
import { ReplayId } from '../model/replay-id.js';
import { runMarbles } from '../testing/run-marbles.js';
import { Deliveries } from './deliveries.js';
import { DELIVERY, type Delivered } from './delivery.js';
import { hold } from './hold.js';
import { joinHolds } from './joint-hold.js';
import { inScopeOf } from './scope.js';
import type { SourceDelivery } from './source-delivery.js';

type Event = Delivered & { readonly delivery: SourceDelivery };

/** Runs a test with four events, and the claim of an operator that collects the first two. */
function withBatch(test: (events: readonly [Event, Event, Event, Event], settled: () => number[]) => void): void {
  runMarbles(({ scheduler }) => {
    const settled: number[] = [];
    const own = new Deliveries(scheduler, {
      settled: ({ replayId }) => settled.push(replayId.toBytes()[0]!),
      ended: () => undefined,
      failed: () => undefined,
      settledEarly: () => undefined,
      isLive: () => true,
    });
    const eventOf = (id: number): Event => {
      const delivery = own.open(ReplayId.fromBytes(Uint8Array.of(id)));
      return { delivery, [DELIVERY]: delivery };
    };
    test([eventOf(1), eventOf(2), eventOf(3), eventOf(4)], () => settled.splice(0));
  });
}

/** The claim of an operator that receives a value in the scope of two events, after the two were released upstream. */
function holdInScopeOf(scope: readonly Event[], value: unknown) {
  const upstream = joinHolds(scope.map(({ delivery }) => delivery.hold('keeps')));
  let held = hold();
  inScopeOf(upstream.delivery(), () => (held = hold(value, 'works')));
  upstream.release();
  return held;
}

describe('hold, of an array in the scope of several events', () => {
  for (const [what, indices] of Object.entries({
    'all of them': [0, 1],
    'all of them in another order': [1, 0],
    one: [0],
  })) {
    it(`claims the events in scope, when the array has ${what}`, () => {
      withBatch((events, settled) => {
        const held = holdInScopeOf(
          events.slice(0, 2),
          indices.map((index) => events[index]),
        );
        expect(settled()).to.deep.equal([]);
        held.release();
        expect(settled()).to.deep.equal([1, 2]);
      });
    });
  }

  it('also claims the events of the array that are not in scope, however many', () => {
    withBatch((events, settled) => {
      const [first, , third, fourth] = events;
      const others = [third, fourth].map(({ delivery }) => delivery.hold('keeps'));
      const helds = [
        [third, fourth],
        [first, fourth],
      ].map((array) => holdInScopeOf(events.slice(0, 2), array));
      others.forEach((other) => other.release());
      expect(settled()).to.deep.equal([]);
      helds[0]?.release();
      expect(settled()).to.deep.equal([3]);
      helds[1]?.release();
      expect(settled()).to.deep.equal([1, 2, 4]);
    });
  });

  it('claims what a joint hold of a joint hold does, and emits in its scope', () => {
    withBatch((events, settled) => {
      const [first, second] = events;
      const batch = [first, second];
      const held = holdInScopeOf(batch, batch);
      const again = held.delivery()?.hold('works');
      held.release();
      expect(settled()).to.deep.equal([]);
      expect(again?.delivery()?.parts()).to.deep.equal(batch.map(({ delivery }) => delivery));
      again?.release();
      expect(settled()).to.deep.equal([1, 2]);
    });
  });
});

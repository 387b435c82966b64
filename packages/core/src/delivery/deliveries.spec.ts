import { expect } from 'chai';
import { Observable, type Subscriber } from 'rxjs';
import { ReplayId } from '../model/replay-id.js';
import { runMarbles } from '../testing/run-marbles.js';
import { Deliveries } from './deliveries.js';
import type { SourceDelivery } from './source-delivery.js';
import type { Hold } from './delivery.js';
import { hold } from './hold.js';
import { joinHolds } from './joint-hold.js';

const idOf = (name: string) => ReplayId.fromBytes(Buffer.from(name));

/** What a source emits to. */
function subscriberOf(next: (value: string) => void): Subscriber<string> {
  let made: Subscriber<string> | undefined;
  new Observable<string>((subscriber) => void (made = subscriber)).subscribe(next);
  return made!;
}

/** The deliveries of a subscription, and what they told it. */
class Bench {
  readonly told: string[] = [];
  /** What they told of work. */
  readonly work: string[] = [];
  readonly holds: Hold[] = [];
  /** Takes a hold on everything. */
  readonly subscriber = subscriberOf(() => this.holds.push(hold()));
  readonly deliveries: Deliveries;

  constructor(scheduler: ConstructorParameters<typeof Deliveries>[0]) {
    this.deliveries = new Deliveries(scheduler, {
      settled: ({ replayId }) => this.told.push(`settled ${Buffer.from(replayId.toBytes()).toString()}`),
      ended: () => this.told.push(`ended, ${this.deliveries.inWork} in work`),
      failed: (error) => this.told.push(`failed ${error.code}`),
      settledEarly: () => this.told.push('settled early'),
      worked: () => this.work.push('worked'),
      settledUnheld: () => this.work.push('settled without work'),
      isLive: () => true,
    });
  }

  deliver(name: string): SourceDelivery {
    const delivery = this.deliveries.open(idOf(name));
    delivery.deliver(this.subscriber, name);
    return delivery;
  }
}

const atBench = (test: (bench: Bench) => void) => runMarbles(({ scheduler }) => test(new Bench(scheduler)));

describe('Deliveries', () => {
  it('do not take a hold that outlives the call for work, when its role says that it only collects', () => {
    atBench(({ deliveries, work }) => {
      const holds: Hold[] = [];
      deliveries.open(idOf('a')).deliver(
        subscriberOf(() => holds.push(hold(undefined, 'keeps'))),
        'a',
      );
      expect(work).to.deep.equal([]);
      holds[0]?.release();
      expect(work).to.deep.equal(['settled without work']);
    });
  });

  it('take a hold without a role that outlives the call for work', () => {
    atBench((bench) => {
      bench.deliver('a');
      expect(bench.work).to.deep.equal(['worked']);
    });
  });

  it('mark the place of an event that is only kept until others come, as long as that is so', () => {
    atBench(({ deliveries, holds, subscriber }) => {
      deliveries.open(idOf('a')).deliver(subscriber, 'a');
      const isKept = () => deliveries.watermark.oldestOpen?.isKept;
      expect(isKept()).to.not.equal(true);
      holds[0]?.onPressure(() => undefined);
      expect(isKept()).to.equal(true);
      // Somebody else begins to work on it.
      const delivery = deliveries.open(idOf('b'));
      delivery.deliver(subscriber, 'b');
      holds[1]?.onPressure(() => undefined);
      expect(deliveries.kept).to.equal(2);
      delivery.hold();
      expect(deliveries.kept).to.equal(1);
      expect(isKept()).to.equal(true);
      holds[0]?.release();
      expect([deliveries.kept, isKept()]).to.deep.equal([0, false]);
    });
  });

  it('fail an event instead of settling it, when a guard finds a fault at the last release', () => {
    atBench(({ deliveries, holds, subscriber, told }) => {
      const delivery = deliveries.open(idOf('a'));
      delivery.deliver(subscriber, 'a');
      const second = delivery.hold();
      let asked = 0;
      delivery.guard(() => (asked++, new Error('not taken.')));
      expect(delivery.claims).to.equal(2);
      holds[0]?.release();
      expect(asked).to.equal(0);
      second.release();
      expect([asked, ...told]).to.deep.equal([1, 'ended, 0 in work', 'failed delivery-failed']);
      expect(deliveries.watermark.position).to.equal(undefined);
    });
  });

  it('settle an event, when no guard finds a fault', () => {
    atBench(({ deliveries, holds, subscriber, told }) => {
      const delivery = deliveries.open(idOf('a'));
      delivery.deliver(subscriber, 'a');
      delivery.guard(() => undefined);
      joinHolds(holds)
        .delivery()
        ?.guard(() => undefined);
      holds[0]?.release();
      expect(told).to.include('settled a');
    });
  });

  it('have nothing in work, before an event is handed out', () => {
    atBench(({ deliveries, told }) => {
      const delivery = deliveries.open(idOf('a'));
      expect(deliveries.inWork).to.equal(0);
      delivery.settle();
      expect([deliveries.inWork, told]).to.deep.equal([0, ['settled a']]);
    });
  });

  it('have an event in work, from when it is handed out until it is settled', () => {
    atBench((bench) => {
      bench.deliver('a');
      bench.deliver('b');
      expect(bench.deliveries.inWork).to.equal(2);
      bench.holds[1]?.release();
      bench.holds[0]?.release();
      expect(bench.told).to.deep.equal(['settled b', 'ended, 1 in work', 'settled a', 'ended, 0 in work']);
      expect(bench.deliveries.watermark.idle).to.equal(true);
    });
  });

  it('count an event once, however many hold it', () => {
    atBench((bench) => {
      const delivery = bench.deliver('a');
      const more = [delivery.hold(), delivery.hold()];
      expect(bench.deliveries.inWork).to.equal(1);
      [...more, ...bench.holds].forEach((held) => held.release());
      expect(bench.told).to.deep.equal(['settled a', 'ended, 0 in work']);
    });
  });

  it('have an event in work that is held and not handed out', () => {
    atBench(({ deliveries, told }) => {
      const held = deliveries.open(idOf('a')).hold();
      expect(deliveries.inWork).to.equal(1);
      held.release();
      expect(told).to.deep.equal(['settled a', 'ended, 0 in work']);
    });
  });

  it('end the work on an event that fails or is dropped, and settle nothing', () => {
    for (const end of ['fail', 'abandon'] as const) {
      atBench((bench) => {
        bench.deliver('a');
        const [held] = bench.holds;
        if (end === 'fail') held?.fail(new Error('no'));
        else held?.abandon();
        expect(bench.deliveries.inWork).to.equal(0);
        expect(bench.told).to.include('ended, 0 in work');
        expect(bench.told).not.to.include('settled a');
        expect(bench.deliveries.watermark.idle).to.equal(false);
        // Others that hold it have nothing to end any more.
        bench.holds[0]?.release();
        expect(bench.deliveries.inWork).to.equal(0);
      });
    }
  });

  it('end the work on an event whose subscriber is closed by it, while others hold it', () => {
    atBench((bench) => {
      const kept: Hold[] = [];
      const closing = subscriberOf(() => {
        kept.push(hold());
        closing.complete();
      });
      bench.deliveries.open(idOf('a')).deliver(closing, 'a');
      expect(bench.deliveries.inWork).to.equal(0);
      kept.forEach((held) => held.release());
      expect(bench.told).to.deep.equal(['ended, 0 in work']);
    });
  });
});

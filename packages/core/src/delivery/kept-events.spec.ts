import { expect } from 'chai';
import { Observable, type Subscriber } from 'rxjs';
import { ReplayId } from '../model/replay-id.js';
import { runMarbles } from '../testing/run-marbles.js';
import { Deliveries } from './deliveries.js';
import type { Hold } from './delivery.js';
import { hold } from './hold.js';
import { joinHolds } from './joint-hold.js';

/** The deliveries of a subscription, each held once, and how many were kept when it was told of one more. */
class Bench {
  readonly kept: number[] = [];
  readonly flushed: string[] = [];
  readonly deliveries: Deliveries;
  private taken: Hold | undefined;
  private readonly subscriber: Subscriber<string>;

  constructor(scheduler: ConstructorParameters<typeof Deliveries>[0]) {
    this.deliveries = new Deliveries(scheduler, {
      settled: () => undefined,
      ended: () => undefined,
      failed: () => undefined,
      settledEarly: () => undefined,
      kept: () => this.kept.push(this.deliveries.kept),
      isLive: () => true,
    });
    let made: Subscriber<string> | undefined;
    new Observable<string>((subscriber) => void (made = subscriber)).subscribe(() => (this.taken = hold()));
    this.subscriber = made!;
  }

  /** Hands an event out that one hold is taken on. */
  deliver(name: string): Hold {
    this.deliveries.open(ReplayId.fromBytes(Buffer.from(name))).deliver(this.subscriber, name);
    return this.taken!;
  }

  /** What an operator calls itself by. */
  collector(name: string): () => void {
    return () => void this.flushed.push(name);
  }
}

const atBench = (test: (bench: Bench) => void) => runMarbles(({ scheduler }) => test(new Bench(scheduler)));

describe('Events that are kept', () => {
  it('are those that all who hold them keep until others come', () => {
    atBench((bench) => {
      const { deliveries } = bench;
      const flush = bench.collector('a');
      const first = bench.deliver('1');
      const second = bench.deliver('2');
      const worker = second.delivery()!.hold();
      first.onPressure(flush);
      second.onPressure(flush);
      expect(deliveries.kept).to.equal(1);
      worker.release();
      expect(deliveries.kept).to.equal(2);
      expect(bench.kept).to.deep.equal([1, 2]);
    });
  });

  it('are kept no longer, when somebody begins to work on them, and again when that is done', () => {
    atBench((bench) => {
      const held = bench.deliver('1');
      held.onPressure(bench.collector('a'));
      const worker = held.delivery()!.hold();
      expect(bench.deliveries.kept).to.equal(0);
      worker.release();
      expect(bench.deliveries.kept).to.equal(1);
    });
  });

  for (const end of ['release', 'abandon', 'fail'] as const) {
    it(`are kept no longer after ${end}()`, () => {
      atBench((bench) => {
        const held = bench.deliver('1');
        held.onPressure(bench.collector('a'));
        if (end === 'fail') held.fail(new Error('no'));
        else held[end]();
        expect(bench.deliveries.kept).to.equal(0);
        bench.deliveries.flush();
        expect(bench.flushed).to.deep.equal([]);
      });
    });
  }

  it('are let go of by every operator that keeps some, once each', () => {
    atBench((bench) => {
      const [a, b] = [bench.collector('a'), bench.collector('b')];
      bench.deliver('1').onPressure(a);
      bench.deliver('2').onPressure(a);
      bench.deliver('3').onPressure(b);
      bench.deliveries.flush();
      expect(bench.flushed).to.deep.equal(['a', 'b']);
    });
  });

  it('are let go of by an operator that had let go of all before, and keeps others now', () => {
    atBench((bench) => {
      const a = bench.collector('a');
      for (const name of ['1', '2']) {
        const held = bench.deliver(name);
        held.onPressure(a);
        if (name === '1') held.release();
      }
      bench.deliveries.flush();
      expect(bench.flushed).to.deep.equal(['a']);
    });
  });

  it('count once, when a hold is told twice', () => {
    atBench((bench) => {
      const held = bench.deliver('1');
      const flush = bench.collector('a');
      held.onPressure(flush);
      held.onPressure(flush);
      held.release();
      bench.deliveries.flush();
      expect([bench.deliveries.kept, bench.flushed]).to.deep.equal([0, []]);
    });
  });

  it('are not those of a hold that has ended', () => {
    atBench((bench) => {
      const held = bench.deliver('1');
      const other = held.delivery()!.hold();
      held.release();
      held.onPressure(bench.collector('a'));
      expect(bench.deliveries.kept).to.equal(0);
      other.release();
    });
  });

  it('are all those of holds that were joined', () => {
    atBench((bench) => {
      const joint = joinHolds([bench.deliver('1'), bench.deliver('2')]);
      joint.onPressure(bench.collector('a'));
      expect(bench.deliveries.kept).to.equal(2);
      joint.release();
      expect(bench.deliveries.kept).to.equal(0);
    });
  });

  it('do not exist on other sources', () => {
    expect(() => hold('x').onPressure(() => undefined)).not.to.throw();
  });
});

import { expect } from 'chai';
import { filter, type Observable, type Subscriber } from 'rxjs';
import { hold, operate } from '@rxforce/core/delivery';
import { SourceBench } from '../../test/support/source-bench.js';
import { promises } from '../../test/support/stepped-time.js';

describe('deliverySource', () => {
  let bench: SourceBench;

  beforeEach(() => {
    bench = new SourceBench();
  });

  describe('room', () => {
    it('is the free part of the window, and waits until there is one', async () => {
      bench.source({ window: 2 }).pipe(bench.work).subscribe();
      expect(await bench.sink.room()).to.equal(2);
      bench.deliver(1);
      expect(await bench.sink.room()).to.equal(1);
      bench.deliver(2);
      const offers: number[] = [];
      void bench.sink.room().then((room) => offers.push(room));
      await promises();
      expect(offers).to.deep.equal([]);
      bench.finish(1);
      await promises();
      expect(offers).to.deep.equal([1]);
    });

    it('is 0, when the subscription is over', async () => {
      const subscription = bench.source({ window: 1 }).pipe(bench.work).subscribe();
      bench.deliver(1);
      const room = bench.sink.room();
      subscription.unsubscribe();
      expect(await room).to.equal(0);
      expect(await bench.sink.room()).to.equal(0);
    });

    it('counts what waits for a sign of work only as long as a client would wait', async () => {
      const offers: number[] = [];
      bench
        .source({ window: 1 })
        .pipe(
          filter(() => false),
          bench.work,
        )
        .subscribe();
      bench.deliver(1);
      void bench.sink.room().then((room) => offers.push(room));
      await promises();
      expect(offers).to.deep.equal([]);
      await bench.time.pass(10_000);
      expect(offers).to.deep.equal([1]);
      expect(bench.settled).to.deep.equal([]);
      await bench.time.pass(600_000);
      expect(bench.settled).to.deep.equal([1]);
    });

    it('lets operators that collect go on, when they keep all that it has room for', async () => {
      const values: number[][] = [];
      const collect = (input: Observable<number>) =>
        operate(input, 'keeps', (subscriber: Subscriber<number[]>) => {
          const kept: number[] = [];
          const holds: ReturnType<typeof hold>[] = [];
          const flush = () => {
            subscriber.next(kept.splice(0));
            holds.splice(0).forEach((claim) => claim.release());
          };
          return {
            next: (value: number) => {
              kept.push(value);
              const claim = hold(value, 'keeps');
              holds.push(claim);
              claim.onPressure(flush);
            },
          };
        });
      bench
        .source({ window: 2, settle: 'on-return' })
        .pipe(collect)
        .subscribe((value) => void values.push(value));
      bench.deliver(1, 2);
      await bench.time.pass(0);
      expect(values).to.deep.equal([[1, 2]]);
      expect(bench.settled).to.deep.equal([1, 2]);
    });
  });

  it('has operators that collect let go, when nothing more comes for now', async () => {
    const flushed: number[] = [];
    const collect = (input: Observable<number>) =>
      operate(input, 'keeps', () => ({
        next: (value: number) => {
          const claim = hold(value, 'keeps');
          claim.onPressure(() => {
            flushed.push(value);
            claim.release();
          });
        },
      }));
    bench.source({ settle: 'on-return' }).pipe(collect).subscribe();
    bench.deliver(1);
    await bench.time.pass(1_000);
    expect(flushed).to.deep.equal([]);
    bench.sink.quiet();
    await bench.time.pass(0);
    expect([flushed, bench.settled]).to.deep.equal([[1], [1]]);
    bench.deliver(2);
    await bench.time.pass(1_000);
    expect(flushed).to.deep.equal([1]);
  });
});

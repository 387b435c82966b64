import { expect } from 'chai';
import { deliverySource } from '@rxforce/core/delivery-source';
import { deferred } from '../../test/support/fake-store.js';
import { SourceBench } from '../../test/support/source-bench.js';
import { promises } from '../../test/support/stepped-time.js';
import { ConfigurationError, DeliveryFailedError } from '../model/errors.js';

describe('deliverySource', () => {
  let bench: SourceBench;

  beforeEach(() => {
    bench = new SourceBench();
  });

  it('settles a value, when the last hold on it is released', () => {
    bench.source().pipe(bench.work).subscribe();
    bench.deliver(1, 2);
    expect(bench.settled).to.deep.equal([]);
    expect(bench.sink.unsettled).to.equal(2);
    bench.finish(2);
    expect(bench.settled).to.deep.equal([2]);
    bench.finish(1);
    expect(bench.settled).to.deep.equal([2, 1]);
    expect(bench.sink.unsettled).to.equal(0);
  });

  it('settles a value, when the promise of the last subscriber resolves', async () => {
    const work = deferred<undefined>();
    bench.source().subscribe(() => work.promise as never);
    bench.deliver(1);
    await promises();
    expect(bench.settled).to.deep.equal([]);
    work.resolve(undefined);
    await promises();
    expect(bench.settled).to.deep.equal([1]);
  });

  it('settles on return, when that is said', () => {
    bench.source({ settle: 'on-return' }).subscribe();
    bench.deliver(1);
    expect(bench.settled).to.deep.equal([1]);
  });

  describe('where the work fails', () => {
    const failing = { next: () => Promise.reject(new Error('no')) as never };

    it('errors the subscription, and names the place', async () => {
      let error: unknown;
      bench.source().subscribe({ ...failing, error: (thrown: unknown) => (error = thrown) });
      bench.deliver(7);
      await promises();
      await bench.time.pass(0);
      expect(error).to.be.instanceOf(DeliveryFailedError);
      expect((error as Error).message).to.include('The work on message 7 failed: no');
      expect(bench.unsettled).to.have.length(1);
      expect(bench.unsettled[0]?.[1]).to.have.property('message', 'no');
    });

    it('goes on, when failures are only told', async () => {
      bench.source({ onFailure: 'unsettled' }).subscribe({
        ...failing,
        error: (error: unknown) => expect.fail(String(error)),
      });
      bench.deliver(7);
      await promises();
      bench.deliver(8);
      await promises();
      expect(bench.unsettled.map(([number]) => number)).to.deep.equal([7, 8]);
      expect(bench.sink.closed).to.equal(false);
      expect(bench.sink.unsettled).to.equal(0);
    });
  });

  it('gives up what is in work, when it is unsubscribed', async () => {
    const subscription = bench.source().pipe(bench.work).subscribe();
    bench.deliver(1, 2);
    bench.finish(1);
    let ended = false;
    void bench.sink.ended().then(() => (ended = true));
    await promises();
    expect(ended).to.equal(false);
    subscription.unsubscribe();
    await promises();
    expect([bench.settled, bench.unsettled, ended]).to.deep.equal([[1], [[2, undefined]], true]);
    expect(bench.sink.closed).to.equal(true);
    bench.deliver(3);
    expect(bench.unsettled.at(-1)).to.deep.equal([3, undefined]);
  });

  it('settles what is still in work, when it has completed', () => {
    const values: number[] = [];
    bench
      .source()
      .pipe(bench.work)
      .subscribe((value) => void values.push(value));
    bench.deliver(1);
    bench.finish(1);
    bench.sink.complete();
    expect(bench.settled).to.deep.equal([1]);
    expect(values).to.deep.equal([1]);
  });

  it('is at its end, when what it reported is done', async () => {
    const acknowledged = deferred<undefined>();
    bench.source({ settled: () => acknowledged.promise, settle: 'on-return' }).subscribe();
    bench.deliver(1);
    let isEnded = false;
    void bench.sink.ended().then(() => (isEnded = true));
    await promises();
    expect(isEnded).to.equal(false);
    acknowledged.resolve(undefined);
    await promises();
    expect(isEnded).to.equal(true);
  });

  it('errors, when a settlement cannot be reported', async () => {
    for (const failing of [
      () => {
        throw new Error('gone');
      },
      () => Promise.reject(new Error('gone')),
    ]) {
      let error: unknown;
      bench
        .source({ settled: failing, settle: 'on-return' })
        .subscribe({ error: (thrown: unknown) => (error = thrown) });
      bench.deliver(1);
      await promises();
      expect(error).to.have.property('message', 'gone');
    }
  });

  it('errors, when it cannot begin, or rejects later', async () => {
    for (const failing of [
      () => {
        throw new Error('no queue');
      },
      () => Promise.reject(new Error('no queue')),
    ]) {
      let error: unknown;
      deliverySource(failing, { name: 'q', settled: () => undefined, scheduler: bench.time }).subscribe({
        error: (thrown: unknown) => (error = thrown),
      });
      await promises();
      expect(error).to.have.property('message', 'no queue');
    }
  });

  it('calls its teardown, when the subscription ends', () => {
    let isOver = false;
    const values$ = deliverySource<number, number>(() => () => (isOver = true), {
      name: 'q',
      settled: () => undefined,
    });
    values$.subscribe().unsubscribe();
    expect(isOver).to.equal(true);
  });

  it('refuses options that cannot be right', () => {
    const settledBy = () => undefined;
    for (const [options, message] of [
      [{ settled: settledBy }, 'name'],
      [{ name: 'q' }, 'settled'],
      [{ name: 'q', settled: settledBy, window: 0 }, 'window'],
      [{ name: 'q', settled: settledBy, onFailure: 'retry' }, 'onFailure'],
      [{ name: 'q', settled: settledBy, acknowledge: settledBy }, 'acknowledge'],
    ] as const) {
      expect(() => deliverySource(() => undefined, options as never))
        .to.throw(message)
        .instanceOf(ConfigurationError);
    }
  });
});

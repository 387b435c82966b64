import { expect } from 'chai';
import { delay, filter, merge, mergeMap, share, type Observable, type Subscriber } from 'rxjs';
import { hold, operate } from '@rxforce/core/delivery';
import { deliverySource, type DeliverySink, type DeliverySourceOptions } from '@rxforce/core/delivery-source';
import { deferred } from '../../test/support/fake-store.js';
import { promises, SteppedTime } from '../../test/support/stepped-time.js';
import { ConfigurationError, DeliveryFailedError, SettledEarlyError, UnheldError } from '../model/errors.js';

interface Message {
  readonly number: number;
}

const DONE: (() => void)[] = [];

/** Holds each value until `finish` of its number is called. */
function held(finish: Map<number, () => void>) {
  return (source: Observable<number>) =>
    operate(source, 'works', (subscriber: Subscriber<number>) => ({
      next: (value) => {
        const claim = hold(value, 'works');
        finish.set(value, () => {
          claim.emit(subscriber, value);
          claim.release();
        });
        subscriber.add(() => claim.abandon());
      },
    }));
}

describe('deliverySource', () => {
  let time: SteppedTime;
  let settled: number[];
  let unsettled: (readonly [number, unknown])[];
  let sink: DeliverySink<number, Message>;

  beforeEach(() => {
    time = new SteppedTime();
    settled = [];
    unsettled = [];
    DONE.length = 0;
  });

  /** A source whose sink the test holds. */
  function source(options: Partial<DeliverySourceOptions<Message>> = {}) {
    return deliverySource<number, Message>((given) => void (sink = given), {
      name: 'the queue orders',
      settled: ({ number }) => void settled.push(number),
      unsettled: ({ number }, error) => void unsettled.push([number, error]),
      describe: ({ number }) => `message ${number}`,
      logger: { warn: () => undefined },
      scheduler: time,
      ...options,
    });
  }

  const deliver = (...numbers: number[]) => numbers.forEach((number) => sink.deliver(number, { number }));

  it('settles a value, when the last hold on it is released', () => {
    const finish = new Map<number, () => void>();
    source().pipe(held(finish)).subscribe();
    deliver(1, 2);
    expect(settled).to.deep.equal([]);
    expect(sink.unsettled).to.equal(2);
    finish.get(2)?.();
    expect(settled).to.deep.equal([2]);
    finish.get(1)?.();
    expect(settled).to.deep.equal([2, 1]);
    expect(sink.unsettled).to.equal(0);
  });

  it('settles a value, when the promise of the last subscriber resolves', async () => {
    const work = deferred<undefined>();
    source().subscribe(() => work.promise as never);
    deliver(1);
    await promises();
    expect(settled).to.deep.equal([]);
    work.resolve(undefined);
    await promises();
    expect(settled).to.deep.equal([1]);
  });

  it('settles on return, when that is said', () => {
    source({ settle: 'on-return' }).subscribe();
    deliver(1);
    expect(settled).to.deep.equal([1]);
  });

  it('settles nothing and errors, when nothing is known to work', async () => {
    let error: unknown;
    const work = mergeMap(() => new Promise<void>((resolve) => DONE.push(resolve)));
    source({ window: 3 })
      .pipe(work)
      .subscribe({ error: (thrown: unknown) => (error = thrown) });
    deliver(1, 2, 3);
    await time.pass(10_000);
    DONE.forEach((done) => done());
    await time.pass(10_000);
    expect(error).to.be.instanceOf(SettledEarlyError);
    expect((error as Error).message)
      .to.include('the queue orders')
      .and.not.include('replay id');
    expect(error).not.to.have.property('replayId', '');
    expect(settled).to.deep.equal([]);
    expect(unsettled.map(([number]) => number)).to.deep.equal([1, 2, 3]);
  });

  it('errors, when the values leave to where nobody is known to work', async () => {
    let error: unknown;
    source({ window: 2 }).subscribe({ error: (thrown: unknown) => (error = thrown) });
    deliver(1, 2);
    await time.pass(20_000);
    expect(error).to.be.instanceOf(UnheldError);
    expect(settled).to.deep.equal([]);
    expect(unsettled.map(([number]) => number)).to.deep.equal([1, 2]);
  });

  it('errors, when a plain operator delays values before the work', async () => {
    const errors: unknown[] = [];
    const finish = new Map<number, () => void>();
    source()
      .pipe(delay(5, time), held(finish))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    deliver(1);
    await time.pass(100);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.be.instanceOf(SettledEarlyError);
    expect(unsettled.map(([number]) => number)).to.deep.equal([1]);
    expect(settled).to.deep.equal([]);
  });

  it('says that values were reported before, when a mistake is found after work was seen', async () => {
    const errors: Error[] = [];
    const finish = new Map<number, () => void>();
    const values$ = source().pipe(share());
    merge(
      values$.pipe(
        filter((value) => value === 1),
        held(finish),
      ),
      values$.pipe(
        filter((value) => value !== 1),
        delay(5, time),
        held(new Map()),
      ),
    ).subscribe({ error: (error: unknown) => errors.push(error as Error) });
    deliver(1);
    finish.get(1)?.();
    deliver(2);
    await time.pass(100);
    expect(errors.map(({ name }) => name)).to.deep.equal(['SettledEarlyError']);
    expect(errors[0]?.message).to.include('reported as settled before').and.not.include('so they come again');
  });

  it('settles what filters drop, once somebody was seen to work', () => {
    const finish = new Map<number, () => void>();
    source()
      .pipe(
        filter((value) => value > 1),
        held(finish),
      )
      .subscribe();
    deliver(1);
    expect(settled).to.deep.equal([]);
    deliver(2);
    finish.get(2)?.();
    expect(settled).to.deep.equal([1, 2]);
  });

  describe('where the work fails', () => {
    const failing = { next: () => Promise.reject(new Error('no')) as never };

    it('errors the subscription, and names the place', async () => {
      let error: unknown;
      source().subscribe({ ...failing, error: (thrown: unknown) => (error = thrown) });
      deliver(7);
      await promises();
      await time.pass(0);
      expect(error).to.be.instanceOf(DeliveryFailedError);
      expect((error as Error).message).to.include('The work on message 7 failed: no');
      expect(unsettled).to.have.length(1);
      expect(unsettled[0]?.[1]).to.have.property('message', 'no');
    });

    it('goes on, when failures are only told', async () => {
      source({ onFailure: 'unsettled' }).subscribe({
        ...failing,
        error: (error: unknown) => expect.fail(String(error)),
      });
      deliver(7);
      await promises();
      deliver(8);
      await promises();
      expect(unsettled.map(([number]) => number)).to.deep.equal([7, 8]);
      expect(sink.closed).to.equal(false);
      expect(sink.unsettled).to.equal(0);
    });
  });

  it('gives up what is in work, when it is unsubscribed', async () => {
    const finish = new Map<number, () => void>();
    const subscription = source().pipe(held(finish)).subscribe();
    deliver(1, 2);
    finish.get(1)?.();
    let ended = false;
    void sink.ended().then(() => (ended = true));
    await promises();
    expect(ended).to.equal(false);
    subscription.unsubscribe();
    await promises();
    expect([settled, unsettled, ended]).to.deep.equal([[1], [[2, undefined]], true]);
    expect(sink.closed).to.equal(true);
    deliver(3);
    expect(unsettled.at(-1)).to.deep.equal([3, undefined]);
  });

  it('settles what is still in work, when it has completed', () => {
    const finish = new Map<number, () => void>();
    const values: number[] = [];
    source()
      .pipe(held(finish))
      .subscribe((value) => void values.push(value));
    deliver(1);
    finish.get(1)?.();
    sink.complete();
    expect(settled).to.deep.equal([1]);
    expect(values).to.deep.equal([1]);
  });

  describe('room', () => {
    it('is the free part of the window, and waits until there is one', async () => {
      const finish = new Map<number, () => void>();
      source({ window: 2 }).pipe(held(finish)).subscribe();
      expect(await sink.room()).to.equal(2);
      deliver(1);
      expect(await sink.room()).to.equal(1);
      deliver(2);
      const offers: number[] = [];
      void sink.room().then((room) => offers.push(room));
      await promises();
      expect(offers).to.deep.equal([]);
      finish.get(1)?.();
      await promises();
      expect(offers).to.deep.equal([1]);
    });

    it('is 0, when the subscription is over', async () => {
      const subscription = source({ window: 1 }).pipe(held(new Map())).subscribe();
      deliver(1);
      const room = sink.room();
      subscription.unsubscribe();
      expect(await room).to.equal(0);
      expect(await sink.room()).to.equal(0);
    });

    it('counts what waits for a sign of work only as long as a client would wait', async () => {
      const offers: number[] = [];
      source({ window: 1 })
        .pipe(
          filter(() => false),
          held(new Map()),
        )
        .subscribe();
      deliver(1);
      void sink.room().then((room) => offers.push(room));
      await promises();
      expect(offers).to.deep.equal([]);
      await time.pass(10_000);
      expect(offers).to.deep.equal([1]);
      expect(settled).to.deep.equal([]);
      await time.pass(600_000);
      expect(settled).to.deep.equal([1]);
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
      source({ window: 2, settle: 'on-return' })
        .pipe(collect)
        .subscribe((value) => void values.push(value));
      deliver(1, 2);
      await time.pass(0);
      expect(values).to.deep.equal([[1, 2]]);
      expect(settled).to.deep.equal([1, 2]);
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
    source({ settle: 'on-return' }).pipe(collect).subscribe();
    deliver(1);
    await time.pass(1_000);
    expect(flushed).to.deep.equal([]);
    sink.quiet();
    await time.pass(0);
    expect([flushed, settled]).to.deep.equal([[1], [1]]);
    deliver(2);
    await time.pass(1_000);
    expect(flushed).to.deep.equal([1]);
  });

  it('is at its end, when what it reported is done', async () => {
    const acknowledged = deferred<undefined>();
    source({ settled: () => acknowledged.promise, settle: 'on-return' }).subscribe();
    deliver(1);
    let isEnded = false;
    void sink.ended().then(() => (isEnded = true));
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
      source({ settled: failing, settle: 'on-return' }).subscribe({ error: (thrown: unknown) => (error = thrown) });
      deliver(1);
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
      deliverySource(failing, { name: 'q', settled: () => undefined, scheduler: time }).subscribe({
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

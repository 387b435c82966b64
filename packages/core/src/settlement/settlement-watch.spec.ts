import { expect } from 'chai';
import {
  bufferCount,
  bufferTime,
  concatMap,
  connect,
  debounceTime,
  delay,
  EMPTY,
  filter,
  from,
  groupBy,
  interval,
  map,
  merge,
  mergeAll,
  mergeMap,
  mergeWith,
  Observable,
  of,
  publish,
  retry,
  share,
  Subject,
  take,
  takeUntil,
  tap,
  timer,
  toArray,
  withLatestFrom,
  type OperatorFunction,
  type Subscriber,
} from 'rxjs';
import { hold, operate } from '@rxforce/core/delivery';
import { BUSY, CORRUPTED, deferred, FakeStore, nameOf } from '../../test/support/fake-store.js';
import { steppedThingStream, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { SettledEarlyError, UnheldError } from '../model/errors.js';
import type { ChangeEvent } from '../model/events.js';
import { Ok } from '../model/result.js';
import { pipelineSuite } from '../../test/support/pipeline-suite.js';

const range = (count: number) => Array.from({ length: count }, (_, index) => `e${index + 1}`);

/** The least that works: holds each value for a time, then passes it on. */
function work<T>(time: SteppedThingStream['time'], workMs = 5, done: (value: T) => void = () => undefined) {
  return (source: Observable<T>) =>
    operate(source, 'works', (subscriber: Subscriber<T>) => ({
      next: (value) => {
        const held = hold(value, 'works');
        const pending = time.schedule(() => {
          done(value);
          held.emit(subscriber, value);
          held.release();
        }, workMs);
        subscriber.add(pending);
        subscriber.add(() => held.abandon());
      },
    }));
}

describe('Whether a pipeline works on its events', () => {
  const suite = pipelineSuite();
  const { pipeline, position } = suite;

  describe('nobody', () => {
    it('ends in an UnheldError once a window of events came, and nothing is committed', async () => {
      const { errors, get } = pipeline((events$) => events$.pipe(tap(() => undefined)));
      await get(range(4));
      expect(errors).to.deep.equal([]);
      await get(['e5']);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(UnheldError);
      expect(errors[0]).to.include({ code: 'unheld', topic: '/data/ThingChangeEvent' });
      expect(String(errors[0])).to.include('handle(save)');
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('ends in an UnheldError 10 s after the first event', async () => {
      const { errors, get, pass } = pipeline((events$) => events$);
      await get(['e1'], 9_000);
      expect(errors).to.deep.equal([]);
      await pass(1_000);
      expect(errors[0]).to.be.instanceOf(UnheldError);
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('counts over all subscriptions of a position, each of which ends before', async () => {
      const { warnings, get, subscription, service, events$, pass } = pipeline((stream$) => stream$.pipe(take(1)));
      await get(['e1']);
      subscription.unsubscribe();
      for (let times = 1; times < 5; times++) {
        events$.pipe(take(1)).subscribe();
        await pass(1);
        service.stream.send('e1');
        await pass(1);
      }
      expect(suite.store.saved).to.deep.equal([]);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include('known to work on its events');
    });

    it('is warned of only, when told to, or where no position is durable', async () => {
      for (const options of [{ onUnheld: 'warn' } as const, { replay: 'earliest' } as const]) {
        const { errors, warnings, get } = pipeline((events$) => events$.pipe(tap(() => undefined)), options);
        await get(range(6));
        expect(errors).to.deep.equal([]);
        expect(warnings).to.have.length(1);
        expect(warnings[0]).to.include('known to work on its events');
      }
    });

    it('is nothing to tell, when told that events are done when the call returns', async () => {
      const { errors, warnings, get } = pipeline((events$) => events$, { settle: 'on-return' });
      await get(range(6));
      expect([errors, warnings]).to.deep.equal([[], []]);
      expect(position()).to.equal('e6');
    });

    it('is no fault, when filters drop everything: after 10 s the stream goes on, after ten minutes the position', async () => {
      const { errors, warnings, get, pass, service } = pipeline((events$) => events$.pipe(filter(() => false)), {
        next: () => undefined,
      });
      await get(range(5));
      expect(service.stream.pending).to.equal(0);
      await pass(10_000);
      expect(service.stream.pending).to.be.above(0);
      expect(position()).to.equal(undefined);
      await pass(600_000);
      expect(position()).to.equal('e5');
      expect([errors, warnings]).to.deep.equal([[], []]);
    });

    it('is warned of, when an operator may have done the work and gave nothing on, and nobody is behind it', async () => {
      const { errors, warnings, get, pass } = pipeline((events$, { time }) =>
        events$.pipe(concatMap(() => timer(1, time).pipe(filter(() => false)))),
      );
      await get(range(5));
      expect(warnings).to.deep.equal([]);
      await pass(610_000);
      expect(errors).to.deep.equal([]);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include('nothing came out of its operators');
    });

    it('is asked for again, when filters dropped everything and then pass something on', async () => {
      const { errors, get, pass } = pipeline(
        (events$) =>
          new Observable<unknown>((subscriber) => events$.pipe(filter(({ id }) => id === 'e2')).subscribe(subscriber)),
      );
      await get(['e1'], 611_000);
      expect(position()).to.equal('e1');
      await get(['e2'], 1_000);
      expect(position()).to.equal('e1');
      await pass(10_000);
      expect(errors[0]).to.be.instanceOf(UnheldError);
      expect(position()).to.equal('e1');
    });

    it('is told at the end, when the subscription ends before', async () => {
      const { warnings, subscription, get, pass } = pipeline((events$) => events$);
      await get(['e1']);
      subscription.unsubscribe();
      await pass(1);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include('nothing was seen to work');
      expect(suite.store.saved).to.deep.equal([]);
    });
  });

  describe('an operator that works', () => {
    const works: Record<string, (events$: Observable<ChangeEvent>, stream: SteppedThingStream) => Observable<unknown>> =
      {
        alone: (events$, { time }) => events$.pipe(work(time)),
        'behind plain synchronous operators': (events$, { time }) =>
          events$.pipe(
            map(({ id }) => id),
            filter((id) => id !== 'e2'),
            work(time),
          ),
        'in branches of connect()': (events$, { time }) =>
          events$.pipe(
            connect((shared$) =>
              merge(
                shared$.pipe(
                  filter(({ id }) => id === 'e1'),
                  work(time),
                ),
                shared$.pipe(
                  filter(({ id }) => id !== 'e1'),
                  work(time),
                ),
              ),
            ),
          ),
        'in groups': (events$, { time }) =>
          events$.pipe(
            groupBy(({ id }) => id),
            mergeMap((group) => group.pipe(work(time))),
          ),
        'behind a static merge()': (events$, { time }) => merge(events$, interval(10, time)).pipe(work(time)),
        'behind values of others': (events$, { time }) =>
          events$.pipe(mergeWith(interval(10, time).pipe(take(5))), work(time)),
        'behind an Observable by hand': (events$, { time }) =>
          // eslint-disable-next-line rxjs-x/no-subscribe-in-pipe -- it is what people write
          new Observable<ChangeEvent>((subscriber) => events$.subscribe(subscriber)).pipe(work(time)),
        'with a collector for a log behind it': (events$, { time }) => events$.pipe(work(time), bufferTime(20, time)),
        'with settings from another stream': (events$, { time }) => {
          const settings = steppedThingStream({ replay: 'earliest' }, time);
          time.schedule(() => settings.service.stream.send('s'), 1);
          return events$.pipe(
            delay(0, { now: () => 0, schedule: ((run: () => void) => run()) as never }),
            withLatestFrom(settings.events$),
            work(time),
          );
        },
      };
    for (const [how, build] of Object.entries(works)) {
      it(`has the position move, ${how}`, async () => {
        const { errors, get, pass } = pipeline(build);
        await get(range(5), 100);
        await pass(11_000);
        expect(errors).to.deep.equal([]);
        expect(position()).to.equal('e5');
      });
    }

    it('is waited for, when it has had nothing yet: the window is full, and no error comes', async () => {
      const { errors, get, service, pass } = pipeline((events$, { time }) =>
        events$.pipe(
          filter(({ id }) => id === 'e6'),
          work(time),
        ),
      );
      await get(range(5), 5_000);
      expect(errors).to.deep.equal([]);
      expect(suite.store.saved).to.deep.equal([]);
      expect(service.stream.pending).to.equal(0);
      await pass(5_100);
      expect(service.stream.pending).to.be.above(0);
      expect(suite.store.saved).to.deep.equal([]);
    });

    /** Completes after so many events, once they are settled, as `limit` of the operators does. */
    const limited =
      <T>(count: number) =>
      (source: Observable<T>) =>
        operate(source, 'keeps', (subscriber: Subscriber<T>) => {
          let passed = 0;
          let over = 0;
          return {
            next: (value) => {
              if (passed++ >= count) return;
              const held = hold(value, 'keeps');
              subscriber.next(value);
              held.onEnded(() => ++over === count && subscriber.complete());
              held.release();
            },
          };
        });
    const completing: Record<string, Parameters<typeof pipeline>[0]> = {
      'filters drop everything before it': (events$, { time }) =>
        events$.pipe(
          limited(3),
          filter(() => false),
          work(time),
        ),
      'an operator behind it gives nothing on': (events$, { time }) =>
        events$.pipe(
          limited(3),
          work(time),
          filter(() => false),
        ),
    };
    for (const [how, build] of Object.entries(completing)) {
      it(`has the position move at a completion within seconds, when ${how}`, async () => {
        const { errors, warnings, get } = pipeline(build);
        await get(range(3), 1_000);
        expect([errors, warnings]).to.deep.equal([[], []]);
        expect(position()).to.equal('e3');
      });
    }

    it('has no position move at the end of a subscription, when what an operator keeps outlives it', async () => {
      const { errors, get, service } = pipeline(
        (events$, { time }) => events$.pipe(retry({ delay: () => timer(10, time) }), bufferCount(9), work(time)),
        { maxAttempts: 1 },
      );
      await get(['e1', 'e2']);
      service.stream.end();
      await get(['e1', 'e2'], 100);
      service.stream.end();
      await get([], 100);
      expect(errors).to.deep.equal([]);
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('has no position move at a completion that cuts it off, and that is told', async () => {
      const { warnings, get } = pipeline((events$, { time }) =>
        events$.pipe(
          work(time, 1),
          concatMap(() => timer(5_000, time)),
          takeUntil(timer(500, time)),
        ),
      );
      await get(range(2), 1_000);
      expect(suite.store.saved).to.deep.equal([]);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include('the events come again');
    });

    it('counts, when it is by hand, holds without saying what for, and stands behind operators that only pass on', async () => {
      const byHand = (time: SteppedThingStream['time']) => (source: Observable<ChangeEvent>) =>
        new Observable<ChangeEvent>((subscriber) =>
          source.subscribe((event) => {
            const held = hold(event);
            subscriber.add(time.schedule(() => held.release(), 5));
          }),
        );
      const { errors, warnings, get } = pipeline((events$, { time }) => events$.pipe(limited(100), byHand(time)));
      await get(range(4), 12_000);
      expect(errors).to.deep.equal([]);
      expect(position()).to.equal('e4');
      expect(warnings).to.deep.equal([]);
    });

    it('counts, when it comes to a share() that has a subscriber already', async () => {
      const stream = steppedThingStream({
        window: 5,
        replay: { store: suite.store, commitIntervalMs: 0, from: 'earliest' },
      });
      const errors: unknown[] = [];
      const error = (thrown: unknown) => errors.push(thrown);
      const shared$ = stream.events$.pipe(share());
      shared$.subscribe({ error });
      shared$
        .pipe(
          filter(() => false),
          work(stream.time),
        )
        .subscribe({ error });
      await stream.pass(1);
      range(5).forEach((name) => stream.service.stream.send(name));
      await stream.pass(611_000);
      expect(errors).to.deep.equal([]);
      expect(position()).to.equal('e5');
    });

    it('counts, when it is behind a publish() that is connected later', async () => {
      const { errors, get, pass } = pipeline((events$, { time }) => {
        /* eslint-disable @typescript-eslint/no-deprecated -- it is still used */
        const published = publish<ChangeEvent>()(events$);
        time.schedule(() => void published.connect(), 0);
        /* eslint-enable @typescript-eslint/no-deprecated */
        return published.pipe(
          filter(() => false),
          work(time),
        );
      });
      await get(range(5));
      await pass(611_000);
      expect(errors).to.deep.equal([]);
      expect(position()).to.equal('e5');
    });

    it('counts, when it is on a Subject that the stream is subscribed to, before or after', async () => {
      for (const isBefore of [true, false]) {
        suite.store = new FakeStore();
        const stream = steppedThingStream({
          window: 5,
          replay: { store: suite.store, commitIntervalMs: 0, from: 'earliest' },
        });
        const bus = new Subject<ChangeEvent>();
        const errors: unknown[] = [];
        const join = () =>
          bus
            .pipe(
              filter(() => false),
              work(stream.time),
            )
            .subscribe({ error: (error: unknown) => errors.push(error) });
        if (isBefore) join();
        stream.events$.subscribe(bus);
        if (!isBefore) join();
        await stream.pass(1);
        range(5).forEach((name) => stream.service.stream.send(name));
        await stream.pass(611_000);
        expect(errors).to.deep.equal([]);
        expect(position()).to.equal('e5');
      }
    });
  });

  describe('a last subscriber', () => {
    it('that is asynchronous is waited for, and its event is committed when it is done', async () => {
      const done = deferred<undefined>();
      const { warnings, get, pass } = pipeline((events$) => events$, { next: () => done.promise });
      await get(['e1']);
      expect(suite.store.saved).to.deep.equal([]);
      done.resolve(undefined);
      await pass(10);
      expect(position()).to.equal('e1');
      expect(warnings).to.deep.equal([]);
    });

    it('that is asynchronous fails its event, when its promise is rejected', async () => {
      const { errors, get } = pipeline((events$) => events$.pipe(map(({ id }) => id)), {
        next: (id) => (id === 'e2' ? Promise.reject(new Error('no')) : Promise.resolve()),
      });
      await get(range(3));
      expect(errors[0]).to.include({ code: 'delivery-failed' });
      expect(position()).to.equal('e1');
    });

    it('that is asynchronous is waited for by forEach(), too, and behind operators of ours', async () => {
      const stream = steppedThingStream({ replay: { store: suite.store, commitIntervalMs: 0, from: 'earliest' } });
      const done = deferred<undefined>();
      void stream.events$.pipe(work(stream.time)).forEach(() => done.promise as never);
      await stream.pass(1);
      stream.service.stream.send('e1');
      await stream.pass(50);
      expect(suite.store.saved).to.deep.equal([]);
      done.resolve(undefined);
      await stream.pass(10);
      expect(position()).to.equal('e1');
    });

    it('that throws in forEach() rejects it and is given nothing more, also on a source that emits at once', async () => {
      const given: number[] = [];
      const thrown: unknown = await of(1, 2)
        .pipe((source) =>
          operate(source, 'keeps', (subscriber: Subscriber<number>) => ({ next: (n) => subscriber.next(n) })),
        )
        .forEach((value) => {
          given.push(value);
          throw new Error('mine');
        })
        .catch((error: unknown) => error);
      expect(String(thrown)).to.include('mine');
      expect(given).to.deep.equal([1]);
    });

    it('that is an async function has announced itself: filters that drop everything are no fault', async () => {
      const { errors, get, pass } = pipeline((events$) => events$.pipe(filter(() => false)), {
        next: async () => Promise.resolve(),
      });
      await get(range(5), 610_100);
      await pass(1);
      expect(errors).to.deep.equal([]);
      expect(position()).to.equal('e5');
    });

    it('that is synchronous works when it has returned, and that is warned of once', async () => {
      const { errors, warnings, get } = pipeline((events$) => events$, { next: () => undefined });
      await get(range(6));
      expect(errors).to.deep.equal([]);
      expect(position()).to.equal('e6');
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include('when your subscriber returns');
    });
  });

  describe('for await', () => {
    it('holds each event until the next one is asked for, and leaves the one in the body unsettled', async () => {
      const stream = steppedThingStream({ replay: { store: suite.store, commitIntervalMs: 0, from: 'earliest' } });
      const values = stream.events$[Symbol.asyncIterator]();
      const first = values.next();
      await stream.pass(1);
      range(3).forEach((name) => stream.service.stream.send(name));
      await stream.pass(20);
      expect((await first).value).to.include({ id: 'e1' });
      expect(suite.store.saved).to.deep.equal([]);
      expect((await values.next()).value).to.include({ id: 'e2' });
      await stream.pass(20);
      expect(position()).to.equal('e1');
      await values.return(undefined);
      await stream.pass(20);
      expect(position()).to.equal('e1');
      expect(stream.warnings).to.deep.equal([]);
    });

    it('throws what the stream errors with, after what came before', async () => {
      const stream = steppedThingStream({ replay: 'earliest', maxAttempts: 1 });
      const values = stream.events$[Symbol.asyncIterator]();
      const first = values.next();
      await stream.pass(1);
      stream.service.stream.send('e1');
      stream.service.stream.end();
      await stream.pass(20);
      expect((await first).value).to.include({ id: 'e1' });
      const thrown: unknown = await values.next().catch((error: unknown) => error);
      expect(thrown).to.include({ code: 'stream-ended' });
    });
  });

  describe('a plain operator that keeps events', () => {
    type Keeper = (stream: SteppedThingStream) => OperatorFunction<ChangeEvent, unknown>;
    const later = (time: SteppedThingStream['time']) => timer(10, time);
    const keepers: Record<string, Keeper> = {
      'delay()': ({ time }) => delay(10, time),
      'concatMap() with asynchronous work': ({ time }) =>
        concatMap((event: ChangeEvent) => later(time).pipe(map(() => event.id))),
      'mergeMap() that is asynchronous now and then': ({ time }) =>
        mergeMap((event: ChangeEvent) => (event.id === 'e2' ? later(time).pipe(map(() => event)) : of(event))),
      'debounceTime()': ({ time }) => debounceTime(10, time),
      'bufferTime()': ({ time }) => bufferTime(10, time),
      'bufferCount()': () => bufferCount(2),
    };
    for (const [name, keeper] of Object.entries(keepers)) {
      it(`is named, and nothing is lost: ${name}`, async () => {
        const worked: unknown[] = [];
        const { errors, get } = pipeline((events$, stream) =>
          events$.pipe(
            map((event) => event),
            keeper(stream),
            work(stream.time, 1, (value) => worked.push(value)),
          ),
        );
        await get(range(4));
        expect(errors).to.have.length(1);
        expect(errors[0]).to.be.instanceOf(SettledEarlyError);
        expect(String(errors[0]))
          .to.include('the 2nd operator behind the stream')
          .and.include('@rxforce/operators/rxjs');
        expect(String(errors[0])).to.include('settlement-watch.spec.ts:');
        expect(position()).to.be.oneOf([undefined, '@0', 'e1']);
      });
    }

    it('takes a position back that had moved, before the error comes', async () => {
      const { errors, get } = pipeline((events$, { time }) =>
        events$.pipe(
          mergeMap((event) => (event.id === 'e3' ? timer(100, time).pipe(map(() => event)) : of(event))),
          work(time, 1),
        ),
      );
      await get(range(5), 90);
      expect(position()).to.equal('e5');
      let positionThen: string | undefined;
      suite.store.onSave = (saved) => {
        positionThen = errors.length === 0 ? nameOf(saved) : 'the error came first';
        return Ok(undefined);
      };
      await get([], 50);
      expect(errors[0]).to.be.instanceOf(SettledEarlyError);
      expect(positionThen).to.equal('e2');
      expect(position()).to.equal('e2');
    });

    /** Events of which the third comes late: when it does, the position has passed it. */
    const lateThird = () =>
      pipeline((events$, { time }) =>
        events$.pipe(
          mergeMap((event) => (event.id === 'e3' ? timer(100, time).pipe(map(() => event)) : of(event))),
          work(time, 1),
        ),
      );

    it('takes a position back again, when the store fails at first, and errors only then', async () => {
      const { errors, get, pass } = lateThird();
      await get(range(5), 90);
      expect(position()).to.equal('e5');
      suite.store.onSave = () => BUSY;
      await get([], 50);
      expect(errors).to.deep.equal([]);
      suite.store.onSave = () => Ok(undefined);
      await pass(5_000);
      expect(position()).to.equal('e2');
      expect(errors).to.have.length(1);
      expect(String(errors[0])).to.include('they come again').and.not.include('read again from');
    });

    for (const [how, answer] of Object.entries({
      'cannot be saved': () => CORRUPTED,
      'is not answered': () => new Promise<never>(() => undefined),
    })) {
      it(`says what to read again, when the position that it is taken back to ${how}`, async () => {
        const { errors, get, pass } = lateThird();
        await get(range(5), 90);
        suite.store.onSave = answer;
        await get([], 50);
        await pass(30_000);
        expect(errors).to.have.length(1);
        expect(errors[0]).to.be.instanceOf(SettledEarlyError);
        const [from, to] = ['e2', 'e5'].map((name) => Buffer.from(name).toString('base64'));
        expect(String(errors[0]))
          .to.include(`from replay id ${from}`)
          .and.include(to)
          .and.not.include('they come again');
        suite.store.onSave = () => Ok(undefined);
      });
    }

    it('is taken back by the next subscription, when that comes before it was saved', async () => {
      const { subscription, get, pass, events$, time, service } = lateThird();
      await get(range(5), 90);
      suite.store.onSave = () => BUSY;
      await get([], 50);
      subscription.unsubscribe();
      suite.store.onSave = () => Ok(undefined);
      events$.pipe(work(time)).subscribe({ error: () => undefined });
      await pass(10);
      expect(position()).to.equal('e2');
      expect(nameOf(service.stream.start.from)).to.equal('e2');
      service.stream.send('e3');
      await pass(60_000);
      expect(position()).to.equal('e3');
    });

    it('may stand behind the work, where somebody takes what it emits', async () => {
      const { errors, warnings, get } = pipeline(
        (events$, { time }) => events$.pipe(work(time), bufferTime(20, time)),
        {
          next: () => undefined,
        },
      );
      await get(range(4), 100);
      expect([errors, warnings]).to.deep.equal([[], []]);
      expect(position()).to.equal('e4');
    });

    it('is an error behind the work, where it works and nobody else is there, and nothing is committed before', async () => {
      const { errors, get } = pipeline((events$, { time }) =>
        events$.pipe(
          work(time, 1),
          concatMap(() => timer(30, time)),
        ),
      );
      await get(['e1'], 20);
      expect(suite.store.saved).to.deep.equal([]);
      await get([], 50);
      expect(errors[0]).to.be.instanceOf(SettledEarlyError);
      expect(String(errors[0])).to.include('behind the last one that works');
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('is an error, where groups wait for one another', async () => {
      const { errors, get } = pipeline((events$, { time }) =>
        events$.pipe(
          groupBy(({ id }) => id),
          concatMap((group) => group.pipe(work(time))),
        ),
      );
      await get(range(2));
      expect(String(errors[0])).to.include('group or window that nobody subscribed to');
    });

    it('leaves Observables as they were that others use, too, however many events they are emitted for', async () => {
      const before = Object.getOwnPropertyNames(EMPTY);
      const frozen = Object.freeze(of('x'));
      const { errors, get } = pipeline((events$, { time }) =>
        events$.pipe(
          map(({ id }) => (id === 'e1' ? frozen : EMPTY)),
          mergeAll(),
          work(time),
        ),
      );
      await get(range(5), 100);
      expect(errors).to.deep.equal([]);
      expect(Object.getOwnPropertyNames(EMPTY)).to.deep.equal(before);
    });

    it('is found in groups and windows, which are subscribed to at once', async () => {
      const { errors, get } = pipeline((events$, { time }) =>
        events$.pipe(
          groupBy(() => 'all'),
          mergeMap((group) => group.pipe(concatMap((event) => timer(20, time).pipe(map(() => event.id))))),
        ),
      );
      await get(range(3));
      expect(errors[0]).to.be.instanceOf(SettledEarlyError);
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('is not waited for in vain, where it keeps events for long: no position passes them', async () => {
      const { errors, get, pass } = pipeline((events$, { time }) => events$.pipe(bufferCount(9), work(time)));
      await get(range(5), 60_000);
      expect(errors).to.deep.equal([]);
      expect(suite.store.saved).to.deep.equal([]);
      await get(['e6', 'e7', 'e8', 'e9']);
      await pass(1);
      expect(errors[0]).to.be.instanceOf(SettledEarlyError);
    });

    it('is an error behind the work, too, where it gives back what it was given and nobody else is there', async () => {
      const { errors, get } = pipeline((events$, { time }) =>
        events$.pipe(
          work(time, 1),
          concatMap((event) => timer(30, time).pipe(map(() => event))),
        ),
      );
      await get(['e1'], 50);
      expect(errors[0]).to.be.instanceOf(SettledEarlyError);
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('is an error behind the work, where it works on what another one has collected', async () => {
      const { errors, get } = pipeline((events$, { time }) =>
        events$.pipe(
          work(time, 1),
          bufferTime(10, time),
          filter(({ length }) => length > 0),
          concatMap((batch) => timer(30, time).pipe(map(() => batch))),
        ),
      );
      await get(['e1'], 80);
      expect(errors[0]).to.be.instanceOf(SettledEarlyError);
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('behind a Subject that is subscribed to the stream stops it: that the Subject returns proves nothing', async () => {
      const stream = steppedThingStream({
        window: 5,
        replay: { store: suite.store, commitIntervalMs: 0, from: 'earliest' },
      });
      const bus = new Subject<ChangeEvent>();
      const errors: unknown[] = [];
      bus.pipe(delay(10, stream.time)).subscribe({ error: (error: unknown) => errors.push(error) });
      stream.events$.subscribe(bus);
      await stream.pass(1);
      range(5).forEach((name) => stream.service.stream.send(name));
      await stream.pass(50);
      expect(errors[0]).to.be.instanceOf(UnheldError);
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('is found, too, behind what cannot be looked into', async () => {
      const { errors, get } = pipeline((events$, { time }) =>
        merge(events$.pipe(map(({ id }) => id)), from([])).pipe(delay(10, time), work(time)),
      );
      await get(range(3));
      expect(errors[0]).to.be.instanceOf(SettledEarlyError);
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('is none that drops texts, and pairs an equal one with something else later', async () => {
      const { errors, get } = pipeline((events$, { time }) =>
        events$.pipe(
          map(() => 'UPDATE'),
          withLatestFrom(timer(30, time)),
          work(time),
        ),
      );
      await get(['e1'], 40);
      await get(['e2', 'e3'], 40);
      expect(errors).to.deep.equal([]);
      expect(position()).to.equal('e3');
    });

    it('is found, too, where all texts that it collects are equal', async () => {
      const { errors, get } = pipeline((events$, { time }) =>
        events$.pipe(
          map(() => 'UPDATE'),
          bufferCount(2),
          work(time),
        ),
      );
      await get(range(2));
      expect(errors[0]).to.be.instanceOf(SettledEarlyError);
    });

    it('is only warned of, when told to', async () => {
      const { errors, warnings, get } = pipeline((events$, { time }) => events$.pipe(delay(10, time), work(time)), {
        earlySettlement: 'warn',
      });
      await get(range(3));
      expect(errors).to.deep.equal([]);
      expect(warnings).to.have.length(1);
    });

    it("is nobody's loss in a look at some events, without a store and without work", async () => {
      const { errors, warnings, get } = pipeline((events$) => events$.pipe(take(3), toArray()), { replay: 'earliest' });
      await get(range(3));
      expect([errors, warnings]).to.deep.equal([[], []]);
    });
  });

  describe('work that outlives its subscription', () => {
    it('is waited for by the next one, so that no older value is written over a newer one', async () => {
      const running = deferred<undefined>();
      let failures = 0;
      const { service, pass, get, warnings } = pipeline((events$, { time }) =>
        events$.pipe(
          (source) =>
            operate(source, 'works', (subscriber: Subscriber<ChangeEvent>) => ({
              next: (value) => {
                const held = hold(value, 'works');
                subscriber.add(() => held.abandon(value.id === 'e1' ? running.promise : undefined));
                if (value.id === 'e2' && failures++ === 0) subscriber.error(new Error('once'));
              },
            })),
          retry({ delay: () => timer(10, time) }),
        ),
      );
      await get(range(2), 100);
      expect(service.streams).to.have.length(1);
      await pass(2_000);
      expect(warnings.some((warning) => warning.includes('still under way'))).to.equal(true);
      running.resolve(undefined);
      await pass(10);
      expect(service.streams).to.have.length(2);
    });
  });
});

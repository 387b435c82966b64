import { expect } from 'chai';
import {
  bufferCount,
  bufferTime,
  concatMap,
  connect,
  delay,
  filter,
  groupBy,
  interval,
  map,
  merge,
  mergeMap,
  mergeWith,
  Observable,
  publish,
  retry,
  share,
  Subject,
  take,
  takeUntil,
  timer,
  withLatestFrom,
  type Subscriber,
} from 'rxjs';
import { hold, operate } from '@rxforce/core/delivery';
import { FakeStore } from '../../test/support/fake-store.js';
import { steppedThingStream, type SteppedThingStream } from '../../test/support/stepped-time.js';
import type { ChangeEvent } from '../model/events.js';
import { pipelineSuite } from '../../test/support/pipeline-suite.js';
import { range, work } from '../../test/support/held-work.js';

describe('Whether a pipeline works on its events', () => {
  const suite = pipelineSuite();
  const { pipeline, position } = suite;

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
});

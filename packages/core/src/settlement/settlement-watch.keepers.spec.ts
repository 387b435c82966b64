import { expect } from 'chai';
import {
  bufferCount,
  bufferTime,
  concatMap,
  debounceTime,
  delay,
  EMPTY,
  filter,
  from,
  groupBy,
  map,
  merge,
  mergeAll,
  mergeMap,
  of,
  Subject,
  take,
  timer,
  toArray,
  withLatestFrom,
  type OperatorFunction,
} from 'rxjs';
import { BUSY, CORRUPTED, nameOf } from '../../test/support/fake-store.js';
import { steppedThingStream, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { SettledEarlyError, UnheldError } from '../model/errors.js';
import type { ChangeEvent } from '../model/events.js';
import { Ok } from '../model/result.js';
import { pipelineSuite } from '../../test/support/pipeline-suite.js';
import { range, work } from '../../test/support/held-work.js';

describe('Whether a pipeline works on its events', () => {
  const suite = pipelineSuite();
  const { pipeline, position } = suite;

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
          .to.include('the 2nd operator after the stream')
          .and.include('@rxforce/operators/rxjs');
        expect(String(errors[0])).to.include('settlement-watch.keepers.spec.ts:');
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
      expect(String(errors[0])).to.include('after the last one that works');
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
});

import { expect } from 'chai';
import { bufferCount, concatMap, filter, map, Observable, of, retry, take, tap, timer, type Subscriber } from 'rxjs';
import { hold, operate } from '@rxforce/core/delivery';
import { deferred } from '../../test/support/fake-store.js';
import { steppedThingStream } from '../../test/support/stepped-time.js';
import { UnheldError } from '../model/errors.js';
import type { ChangeEvent } from '../model/events.js';
import { pipelineSuite } from '../../test/support/pipeline-suite.js';
import { range, work } from '../../test/support/held-work.js';

/** The service of these specs sends no keepalives: a stream ends in silence after five minutes, and that is told. */
const aboutWork = (warnings: readonly string[]) => warnings.filter((text) => !text.endsWith(' silence'));

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
      const { errors, get, pass, service } = pipeline((events$) => events$.pipe(filter(() => false)), {
        next: () => undefined,
      });
      await get(range(5));
      expect(service.stream.pending).to.equal(0);
      await pass(10_000);
      expect(service.stream.pending).to.be.above(0);
      expect(position()).to.equal(undefined);
      await pass(600_000);
      expect(position()).to.equal('e5');
      expect(errors).to.deep.equal([]);
    });

    it('is warned of, when nothing came for ten minutes to what works: a filter looks as what collects does', async () => {
      const { errors, warnings, get, pass } = pipeline((events$, { time }) =>
        events$.pipe(bufferCount(1_000), work(time)),
      );
      await get(range(5));
      await pass(609_000);
      expect([position(), aboutWork(warnings)]).to.deep.equal([undefined, []]);
      await pass(1_000);
      expect([position(), errors]).to.deep.equal(['e5', []]);
      expect(aboutWork(warnings)).to.have.length(1);
      expect(aboutWork(warnings)[0]).to.include('an operator keeps them (bufferCount)');
    });

    it('is warned of, when an operator may have done the work and gave nothing on, and nobody is behind it', async () => {
      const { errors, warnings, get, pass } = pipeline((events$, { time }) =>
        events$.pipe(concatMap(() => timer(1, time).pipe(filter(() => false)))),
      );
      await get(range(5));
      expect(warnings).to.deep.equal([]);
      await pass(610_000);
      expect(errors).to.deep.equal([]);
      expect(aboutWork(warnings)).to.have.length(1);
      expect(aboutWork(warnings)[0]).to.include('nothing came out of its operators');
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

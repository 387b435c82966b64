import { expect } from 'chai';
import { delay, of, take } from 'rxjs';
import { DeadLetterQueueError } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import {
  fakeDeadLetters,
  type FakeDeadLettersOptions,
  type Mishap,
} from '../../dead-letters/test/support/fake-dead-letters.js';
import { expandMerged } from './expand-merged.js';
import { handle } from './handle.js';
import { retryWithDLQ } from './retry-with-dlq.js';
import { CONSTANT, failsFor, policy, shown, throwing } from '../test/support/retried.js';

/** How the first calls to the queue fail. */
const failing = (...mishaps: Mishap[]): FakeDeadLettersOptions => ({ mishap: (_method, count) => mishaps[count - 1] });

describe('retryWithDLQ', () => {
  describe('deliveries', () => {
    it('are settled when the work has completed, or the queue has the letter', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a----x'), scheduler);
        source.values.pipe(retryWithDLQ(failsFor('x'), policy({}, { answerMs: () => 4 }))).subscribe();
        flush();
        expect(source.settled).to.deep.equal([
          { value: 'a', at: 3 },
          { value: 'x', at: 17 },
        ]);
      });
    });

    it('are passed on with results and letters, so that the next operator holds them', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a----x'), scheduler);
        source.values
          .pipe(
            retryWithDLQ(failsFor('x'), policy()),
            handle((result) => of(result).pipe(delay(5))),
          )
          .subscribe();
        flush();
        expect(source.settled.map(({ at }) => at)).to.deep.equal([8, 18]);
      });
    });

    for (const kind of ['a', 'x']) {
      it(`are not settled, when what was emitted left the subscriber closed: ${kind}`, () => {
        runMarbles(({ hot, scheduler, flush, expectSubscriptions }) => {
          const input = hot(`-${kind}---------b`);
          const source = delivered(input, scheduler);
          source.values.pipe(retryWithDLQ(failsFor('x'), policy()), take(1)).subscribe();
          flush();
          expect(source.settled).to.deep.equal([]);
          expectSubscriptions(input.subscriptions).toBe(kind === 'a' ? '^--!' : '^-------!');
        });
      });
    }

    const unsubscribed: Record<string, number> = {
      'an attempt is under way': 2,
      'it waits to try again': 5,
      'the queue is asked': 10,
      'it waits to ask the queue again': 13,
    };
    for (const [what, at] of Object.entries(unsubscribed)) {
      it(`are not settled, when unsubscribed while ${what}`, () => {
        runMarbles(({ hot, scheduler, flush }) => {
          const queue = fakeDeadLetters({ answerMs: () => 3, ...failing('retriable') });
          const source = delivered<string>(hot('-(xa)'), scheduler);
          const subscription = source.values
            .pipe(retryWithDLQ(failsFor('x'), policy({ deadLetters: queue })))
            .subscribe();
          scheduler.schedule(() => subscription.unsubscribe(), at);
          flush();
          expect(source.unsettled()).to.deep.equal(['x', 'a']);
          expect(queue.calls).to.have.length(at < 8 ? 0 : 1);
        });
      });
    }

    it('are each put aside, when they came of one merged event', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const queue = fakeDeadLetters();
        const source = delivered(hot('-e', { e: changeEvent({ recordIds: ['1', '2', '3'] }) }), scheduler);
        source.values
          .pipe(
            expandMerged(),
            retryWithDLQ(({ header }) => failsFor('x')(header.recordIds[0] === '2' ? '' : 'x'), {
              deadLetters: queue,
              maxRetries: 0,
            }),
          )
          .subscribe();
        flush();
        expect(queue.letters()).to.have.length(2);
        expect(source.settled).to.have.length(1);
      });
    });
  });

  describe('a queue that fails', () => {
    it('is asked again with the same letters, and the event is settled when it has them', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const queue = fakeDeadLetters(failing('retriable', 'unheard'));
        const source = delivered<string>(hot('-x'), scheduler);
        const result = source.values.pipe(retryWithDLQ(failsFor('x'), policy({ deadLetters: queue })), shown);
        expectObservable(result).toBe('--------------X');
        flush();
        expect(queue.calls.map(({ at }) => at)).to.deep.equal([8, 11, 14]);
        expect(queue.letters()).to.have.length(1);
        expect(source.settled).to.deep.equal([{ value: 'x', at: 14 }]);
      });
    });

    it('is asked 11 times by default, up to 30 seconds apart', () => {
      const queue = fakeDeadLetters({ mishap: () => 'retriable' });
      runMarbles(({ hot, flush }) => {
        hot('x')
          .pipe(retryWithDLQ(throwing(new Error('no')), { deadLetters: queue, maxRetries: 0, random: () => 1 }))
          .subscribe({ error: () => undefined });
        flush();
      });
      const times = queue.calls.map(({ at }) => at);
      expect(times.slice(1).map((at, index) => (at - times[index]!) / 1_000)).to.deep.equal([
        1, 2, 4, 8, 16, 30, 30, 30, 30, 30,
      ]);
    });

    const endings: [string, Mishap[], number][] = [
      ['fails too often', ['retriable', 'unheard', 'retriable'], 3],
      ['says that it cannot pass', ['permanent'], 1],
      ['rejects', ['rejects'], 1],
      ['throws', ['throws'], 1],
      ['answers nonsense', ['nonsense'], 1],
    ];
    for (const [what, mishaps, calls] of endings) {
      it(`errors the stream, which settles neither the event nor what is behind it, when it ${what}`, () => {
        const errors: unknown[] = [];
        runMarbles(({ hot, scheduler, flush }) => {
          const queue = fakeDeadLetters(failing(...mishaps));
          const source = delivered<string>(hot('-ax-b'), scheduler);
          source.values
            .pipe(
              retryWithDLQ(
                failsFor('x'),
                policy({ deadLetters: queue, queueRetry: { maxRetries: 2, delays: CONSTANT } }),
              ),
            )
            .subscribe({ error: (error: unknown) => errors.push(error) });
          flush();
          expect(queue.calls).to.have.length(calls);
          expect(source.unsettled()).to.deep.equal(['x', 'b']);
        });
        expect(errors).to.have.length(1);
        expect(errors[0]).to.be.instanceOf(DeadLetterQueueError);
      });
    }
  });
});

import { expect } from 'chai';
import { catchError, map, of, take, timer, type Observable } from 'rxjs';
import { DeadLetterQueueError } from '@rxforce/core/model';
import { changeEvent, runMarbles } from '@rxforce/core/testing';
import {
  fakeDeadLetters,
  type FakeDeadLetters,
  type FakeDeadLettersOptions,
  type Mishap,
  type QueueMethod,
} from '../test/support/fake-dead-letters.js';
import { deadLetterOf } from './dead-letter.js';
import { redrive } from './redrive.js';
import { CONSTANT, idsIn, queueOf, redriven, shown, work } from '../test/support/redriven.js';

/** How the first calls of a method fail. */
const failing =
  (method: QueueMethod, ...mishaps: Mishap[]): NonNullable<FakeDeadLettersOptions['mishap']> =>
  (called, count) =>
    called === method ? mishaps[count - 1] : undefined;

describe('redrive', () => {
  describe('concurrency', () => {
    const takes = (queue: FakeDeadLetters) =>
      queue.calls.filter(({ method }) => method === 'take').map(({ at, of: [limit] }) => `${limit} at ${at}`);

    it('works on as many as it says at a time', () => {
      runMarbles(({ expectObservable }) => {
        const slow = (value: string) => timer(9).pipe(map(() => value));
        const result = redrive(queueOf('abcd'), slow, { concurrency: 2 }).pipe(shown);
        expectObservable(result).toBe('9ms (ab) 5ms (cd|)');
      });
    });

    it('keeps the order of the letters of a record', () => {
      const events = ['1', '2', '1'].map((recordId, index) => changeEvent({ id: `${index}`, recordIds: [recordId] }));
      const letters = events.map((event, index) => deadLetterOf(event, 'old', { lastFailedAt: index - 9 }));
      runMarbles(({ expectObservable }) => {
        const project = ({ id }: (typeof events)[0]) => timer(6).pipe(map(() => id));
        const result = redrive(fakeDeadLetters({ letters }), project, { concurrency: 9, asTheyWere: true }).pipe(
          map(({ val }) => val),
        );
        expectObservable(result as Observable<unknown>).toBe('------(01)--(2|)');
      });
    });

    it('keeps the order of the keys that it is told', () => {
      runMarbles(({ expectObservable }) => {
        expectObservable(redriven(queueOf('abc'), { concurrency: 9, keyBy: () => 'one' })).toBe('--a-b-(c|)');
      });
    });

    it('takes more only when all that were taken are done, with one at a time', () => {
      runMarbles(({ expectObservable, flush }) => {
        const queue = queueOf('abcd');
        expectObservable(redriven(queue, { batchSize: 3 })).toBe('--a-b-c-(d|)');
        flush();
        expect(takes(queue)).to.deep.equal(['3 at 0', '3 at 6', '3 at 8']);
      });
    });

    it('takes more as soon as fewer are left than are worked on at a time', () => {
      runMarbles(({ flush }) => {
        const queue = queueOf('abcdef');
        let most = 0;
        const note = () => (most = Math.max(most, queue.taken().length));
        redrive(queue, (value: string) => (note(), work(value)), { concurrency: 2, batchSize: 3 }).subscribe(note);
        flush();
        // a and b are done at 2, which leaves c; d, e and f come then. c and d are done at 4, and e and f at 6.
        expect(takes(queue)).to.deep.equal(['3 at 0', '3 at 2', '3 at 6']);
        expect(most).to.equal(4);
      });
    });

    it('takes portions until there is work for all, when they are smaller than that', () => {
      runMarbles(({ flush }) => {
        const queue = queueOf('abcd');
        redriven(queue, { concurrency: 3, batchSize: 1 }).subscribe();
        flush();
        expect(takes(queue).slice(0, 4)).to.deep.equal(['1 at 0', '1 at 0', '1 at 0', '1 at 2']);
      });
    });

    it('takes more when fewer are left than a portion has, when there is no limit', () => {
      runMarbles(({ flush }) => {
        const queue = queueOf('abcde');
        redriven(queue, { concurrency: Infinity, batchSize: 2 }).subscribe();
        flush();
        expect(takes(queue)).to.deep.equal(['2 at 0', '2 at 2', '2 at 4', '2 at 4']);
      });
    });
  });

  describe('a queue that fails', () => {
    for (const method of ['take', 'remove', 'put'] as const) {
      const values = method === 'put' ? 'x' : 'a';

      it(`is asked again: ${method}`, () => {
        runMarbles(({ expectObservable, flush }) => {
          const queue = queueOf(values, { mishap: failing(method, 'retriable') });
          expectObservable(redriven(queue)).toBe(values === 'x' ? '-----(X|)' : '-----(a|)');
          flush();
          expect(idsIn(queue)).to.equal(method === 'put' ? 'x' : '');
        });
      });

      it(`is asked 11 times, unless told otherwise: ${method}`, () => {
        const queue = queueOf(values, { mishap: (called) => (called === method ? 'retriable' : undefined) });
        runMarbles(({ flush }) => {
          redrive(queue, work).subscribe({ error: () => undefined });
          flush();
        });
        expect(queue.calls.filter((call) => call.method === method)).to.have.length(11);
      });

      it(`errors the redrive, and the letters are there and may be taken again: ${method}`, () => {
        const fatal: Mishap[] = ['permanent', 'rejects', 'throws', 'nonsense', 'retriable'];
        for (const mishap of fatal) {
          const errors: unknown[] = [];
          const queue = queueOf(`${values}bc`, { mishap: failing(method, mishap) });
          runMarbles(({ flush }) => {
            redriven(queue, { queueRetry: { maxRetries: 0 } }).subscribe({
              error: (error: unknown) => errors.push(error),
            });
            flush();
          });
          expect(errors).to.have.length(1);
          expect(errors[0]).to.be.instanceOf(DeadLetterQueueError);
          expect(idsIn(queue)).to.equal(`${values}bc`);
          expect(queue.taken()).to.deep.equal([]);
        }
      });
    }

    it('is asked again to release letters, when it fails at that', () => {
      runMarbles(({ expectObservable, flush }) => {
        const queue = queueOf('ab', { mishap: failing('release', 'retriable', 'retriable') });
        expectObservable(redriven(queue), '^!').toBe('-');
        flush();
        expect(queue.taken()).to.deep.equal([]);
      });
    });

    it('surprises nobody, when it answers nonsense after the redrive was unsubscribed', () => {
      runMarbles(({ expectObservable, flush }) => {
        const queue = queueOf('a', { answerMs: () => 2, mishap: failing('take', 'nonsense') });
        expectObservable(redriven(queue), '^!').toBe('-');
        flush();
        expect(queue.taken()).to.deep.equal([]);
      });
    });

    it('errors the redrive, when it gives what are no letters', () => {
      const errors: unknown[] = [];
      runMarbles(({ flush }) => {
        for (const given of [undefined, 'letters', [{ value: 1 }], [null]]) {
          const queue = { ...queueOf('a'), take: () => of(given) as never };
          redrive(queue, work).subscribe({ error: (error: unknown) => errors.push(error) });
        }
        flush();
      });
      expect(errors).to.have.length(4);
      errors.forEach((error) => {
        expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('retriable', false);
        expect((error as Error).message).to.include('resolves with an array of what put() was given');
      });
    });

    it('surprises nobody, when it never releases letters', () => {
      for (const mishap of ['permanent', 'rejects', 'throws', 'nonsense'] as const) {
        runMarbles(({ expectObservable, flush }) => {
          const queue = queueOf('ab', { mishap: failing('release', mishap) });
          expectObservable(redriven(queue), '^!').toBe('-');
          flush();
          expect(queue.taken()).to.deep.equal(['a', 'b']);
        });
      }
    });
  });

  describe('unsubscribed', () => {
    const moments: Record<string, [number, string, string]> = {
      'while letters are taken': [1, 'abc', ''],
      'while work is done': [3, 'abc', ''],
      'while what was handled is removed': [6, 'bc', ''],
      'while the next is worked on': [9, 'bc', 'a'],
    };
    for (const [what, [at, left, seen]] of Object.entries(moments)) {
      it(`releases all that is not done, ${what}`, () => {
        runMarbles(({ scheduler, flush }) => {
          const queue = queueOf('abc', { answerMs: () => 2 });
          const results: string[] = [];
          const slow = (value: string) => timer(3).pipe(map(() => value));
          const subscription = redrive(queue, slow).subscribe(({ val }) => results.push(val as string));
          scheduler.schedule(() => subscription.unsubscribe(), at);
          flush();
          expect(results.join('')).to.equal(seen);
          expect(idsIn(queue)).to.equal(left);
          expect(queue.taken()).to.deep.equal([]);
        });
      });
    }

    it('stops the work', () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const endless = cold('----');
        expectObservable(
          redrive(queueOf('a'), () => endless),
          '^-!',
        ).toBe('-');
        expectSubscriptions(endless.subscriptions).toBe('^-!');
      });
    });

    it('asks the queue for no more letters, when a taker is full', () => {
      runMarbles(({ expectObservable, flush }) => {
        const queue = queueOf('abc');
        expectObservable(redriven(queue, { batchSize: 1 }).pipe(take(2))).toBe('--a-(b|)');
        flush();
        expect(idsIn(queue)).to.equal('c');
        expect(queue.calls.filter(({ method }) => method === 'take')).to.have.length(2);
      });
    });

    it('releases letters that come after it was asked for them in vain', () => {
      runMarbles(({ expectObservable, flush }) => {
        const queue = queueOf('a', { answerMs: (method) => (method === 'take' ? 8 : 0) });
        const result = redriven(queue, { queueRetry: { delays: CONSTANT, timeoutMs: 5, maxRetries: 0 } });
        expectObservable(result.pipe(catchError(() => of('late')))).toBe('-----(l|)', { l: 'late' });
        flush();
        expect(queue.taken()).to.deep.equal([]);
        expect(queue.calls.map(({ method, of: ids }) => `${method} ${ids.join()}`)).to.deep.equal([
          'take 100',
          'release a',
        ]);
      });
    });
  });
});

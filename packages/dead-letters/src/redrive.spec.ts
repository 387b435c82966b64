import { expect } from 'chai';
import {
  catchError,
  defer,
  lastValueFrom,
  map,
  merge,
  NEVER,
  of,
  take,
  throwError,
  timer,
  toArray,
  type Observable,
} from 'rxjs';
import { ConfigurationError, DeadLetterQueueError, WorkTimeoutError, type Result } from '@rxforce/core/model';
import sinon from 'sinon';
import { changeEvent, platformEvent, runMarbles } from '@rxforce/core/testing';
import {
  fakeDeadLetters,
  type FakeDeadLetters,
  type FakeDeadLettersOptions,
  type Mishap,
  type QueueMethod,
} from '../test/support/fake-dead-letters.js';
import { deadLetterOf } from './dead-letter.js';
import type { DeadLetter } from './dead-letter-queue.js';
import { redrive, type RedriveOptions } from './redrive.js';

const SILENT = { warn: () => undefined };
const CONSTANT = { type: 'constant', delayMs: 3 } as const;

/** Letters of one character each, that failed last in this order, all before the test begins. */
function lettersOf(values: string): DeadLetter<string>[] {
  return values.split('').map((value, index) => ({
    ...deadLetterOf(value, 'old', { attempts: 4, firstFailedAt: -99, lastFailedAt: index - 50 }),
    id: value,
  }));
}

const queueOf = (values: string, options: FakeDeadLettersOptions = {}) =>
  fakeDeadLetters({ letters: lettersOf(values), ...options });
const idsIn = (queue: FakeDeadLetters) =>
  queue
    .letters()
    .map(({ id }) => id)
    .join('');

/** Work takes 2, and fails for x. */
const work = (value: string) =>
  timer(2).pipe(
    map(() => {
      if (value === 'x') throw new Error(`no ${value}`);
      return value;
    }),
  );

/** In capitals what was put back: an `Err` has a stack of its own, so results are compared by what they hold. */
const shown = map((result: Result<string, DeadLetter<string>>) =>
  result.ok ? result.val : result.val.value.toUpperCase(),
);
const redriven = (queue: FakeDeadLetters, options: RedriveOptions<string> = {}) =>
  redrive(queue, work, { queueRetry: { delays: CONSTANT }, ...options }).pipe(shown);

/** How the first calls of a method fail. */
const failing =
  (method: QueueMethod, ...mishaps: Mishap[]): NonNullable<FakeDeadLettersOptions['mishap']> =>
  (called, count) =>
    called === method ? mishaps[count - 1] : undefined;

describe('redrive', () => {
  it('completes, when the queue is empty', () => {
    runMarbles(({ expectObservable }) => expectObservable(redriven(queueOf(''))).toBe('|'));
  });

  it('works on letters one after the other, removes what is handled, and puts back what fails', () => {
    runMarbles(({ expectObservable, flush }) => {
      const queue = queueOf('axb', { answerMs: () => 1 });
      expectObservable(redriven(queue)).toBe('----a--X--b|');
      flush();
      expect(idsIn(queue)).to.equal('x');
      expect(queue.taken()).to.deep.equal([]);
    });
  });

  it('begins with the letter that failed last longest ago', () => {
    runMarbles(({ expectObservable }) => {
      const queue = fakeDeadLetters({ letters: lettersOf('abc').reverse() });
      expectObservable(redriven(queue)).toBe('--a-b-(c|)');
    });
  });

  it('counts attempts, times and the new error, when it puts a letter back', () => {
    runMarbles(({ flush }) => {
      const queue = queueOf('x');
      const emitted: unknown[] = [];
      redrive(queue, work, { maxRetries: 1, delays: CONSTANT }).subscribe(({ val }) => emitted.push(val));
      flush();
      const [letter] = queue.letters();
      expect(emitted).to.deep.equal([letter]);
      expect(letter).to.deep.include({ id: 'x', value: 'x', attempts: 6, firstFailedAt: -99, lastFailedAt: 7 });
      expect(letter!.error).to.include({ name: 'Error', message: 'no x' });
    });
  });

  it('gives the work the value and its letter', () => {
    runMarbles(({ flush }) => {
      const given: unknown[] = [];
      redrive(queueOf('a'), (value, letter) => of(given.push(value, letter.attempts))).subscribe();
      flush();
      expect(given).to.deep.equal(['a', 4]);
    });
  });

  it('emits the results of an attempt when the queue no longer has the letter, and none of one that fails', () => {
    runMarbles(({ cold, expectObservable }) => {
      let attempt = 0;
      const queue = queueOf('a', { answerMs: (method) => (method === 'remove' ? 5 : 0) });
      const project = () => (++attempt === 1 ? cold('p#') : cold('qr|'));
      const result = redrive(queue, project, { maxRetries: 1, delays: CONSTANT }).pipe(
        map(({ val }) => `${val as string} ${queue.letters().length}`),
      );
      expectObservable(result).toBe('11ms (qr|)', { q: 'q 0', r: 'r 0' });
    });
  });

  it('tries a letter once, unless told otherwise', () => {
    runMarbles(({ expectObservable }) => {
      let count = 0;
      const project = () => defer(() => (count++, throwError(() => new Error('no'))));
      const counted = redrive(queueOf('a'), project).pipe(map(() => count));
      expectObservable(counted).toBe('(n|)', { n: 1 });
    });
  });

  it('takes promises, and unsubscribes what takes too long', async () => {
    const results = redrive(queueOf('ab'), (value) => Promise.resolve(`${String(value)}!`)).pipe(
      map(({ val }) => val),
      toArray(),
    );
    expect(await lastValueFrom(results)).to.deep.equal(['a!', 'b!']);
    runMarbles(({ expectObservable }) => {
      const names = redrive(queueOf('a'), () => NEVER, { timeoutMs: 4 }).pipe(map(({ val }) => val.error.name));
      expectObservable(names).toBe('----(n|)', { n: WorkTimeoutError.name });
    });
  });

  it('goes on with the others, when work throws at once', () => {
    runMarbles(({ expectObservable, flush }) => {
      const queue = queueOf('xa');
      const project = (value: string) => {
        if (value === 'x') throw new Error('no');
        return [value];
      };
      expectObservable(redrive(queue, project).pipe(shown)).toBe('(Xa|)');
      flush();
      expect(idsIn(queue)).to.equal('x');
    });
  });

  it('does nothing before it is subscribed to, and works anew at each subscription', () => {
    runMarbles(({ expectObservable, flush }) => {
      const queue = queueOf('x');
      const result = redriven(queue);
      expect(queue.calls).to.deep.equal([]);
      expectObservable(result).toBe('--(X|)');
      expectObservable(result, '--------^').toBe('----------(X|)');
      flush();
      expect(queue.letters()[0]!.attempts).to.equal(6);
    });
  });

  it('shares the letters, when two run at a time', () => {
    runMarbles(({ expectObservable, flush }) => {
      const queue = queueOf('abc');
      const one = redriven(queue, { batchSize: 1 });
      expectObservable(merge(one, one).pipe(toArray())).toBe('----(r|)', { r: ['a', 'b', 'c'] });
      flush();
      expect(idsIn(queue)).to.equal('');
    });
  });

  describe('time', () => {
    const times = (...lastFailedAt: number[]) =>
      lastFailedAt.map((time) => ({ ...deadLetterOf('a', 'old', { lastFailedAt: time }), id: `at ${time}` }));
    const ranFor = (options: RedriveOptions<string>, start: number, ...lastFailedAt: number[]) => {
      const queue = fakeDeadLetters({ letters: times(...lastFailedAt) });
      const ran: string[] = [];
      runMarbles(({ scheduler, flush }) => {
        scheduler.schedule(() => {
          redrive(queue, (_value, { id }) => of(ran.push(id)), options).subscribe();
        }, start);
        flush();
      });
      return ran;
    };

    it('leaves letters alone that failed after it began', () => {
      expect(ranFor({}, 10, 9, 10, 11)).to.deep.equal(['at 9', 'at 10']);
    });

    it('leaves letters alone that failed later than it is told', () => {
      expect(ranFor({ failedBefore: 9 }, 10, 8, 9)).to.deep.equal(['at 8']);
    });

    it('takes a time to come for its beginning', () => {
      expect(ranFor({ failedBefore: Infinity }, 10, 10, 11)).to.deep.equal(['at 10']);
    });

    it('tries nothing twice, whatever the clock does meanwhile', () => {
      const clock = { time: 100 };
      runMarbles(({ scheduler, expectObservable, flush }) => {
        const backwards = Object.create(scheduler, { now: { value: () => clock.time-- } }) as typeof scheduler;
        const queue = fakeDeadLetters({ letters: times(50) });
        const result = redrive(queue, () => throwError(() => new Error('no')), { scheduler: backwards }).pipe(
          map(({ ok }) => ok),
        );
        expectObservable(result).toBe('(n|)', { n: false });
        flush();
        expect(queue.letters()[0]!.lastFailedAt).to.equal(101);
      });
    });

    it('tries nothing twice in the millisecond of its beginning', () => {
      runMarbles(({ expectObservable }) => {
        const result = redrive(queueOf('ab'), () => throwError(() => new Error('no')), { batchSize: 1 }).pipe(
          shown as never,
        );
        expectObservable(result).toBe('(AB|)');
      });
    });
  });

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

  describe('functions passed in', () => {
    const failure = new Error('no');
    const throws = () => {
      throw failure;
    };
    const broken: Record<string, RedriveOptions<string>> = {
      retryable: { retryable: throws, maxRetries: 1 },
      delays: { delays: throws, maxRetries: 1 },
      keyBy: { keyBy: throws, concurrency: 2 },
    };
    for (const [name, options] of Object.entries(broken)) {
      it(`error the redrive with what they throw, and leave the letters: ${name}`, () => {
        runMarbles(({ expectObservable, flush }) => {
          const queue = queueOf('xa');
          const at = name === 'keyBy' ? '#' : '--#';
          expectObservable(redriven(queue, options)).toBe(at, {}, failure);
          flush();
          expect(idsIn(queue)).to.equal('xa');
          expect(queue.taken()).to.deep.equal([]);
        });
      });
    }
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

  describe('values that are old', () => {
    it('are not worked on, where something newer was written: the letter is removed, and nothing is emitted', () => {
      runMarbles(({ expectObservable, flush }) => {
        const queue = queueOf('abc');
        const asked: unknown[] = [];
        const result = redriven(queue, {
          skipIf: (value, { attempts }) => {
            asked.push([value, attempts]);
            return value === 'b';
          },
        });
        expectObservable(result).toBe('--a-(c|)');
        flush();
        expect(asked).to.deep.equal([
          ['a', 4],
          ['b', 4],
          ['c', 4],
        ]);
        expect(idsIn(queue)).to.equal('');
        expect(queue.taken()).to.deep.equal([]);
      });
    });

    it('are read again, and the work is given what was read', () => {
      runMarbles(({ expectObservable, flush }) => {
        const queue = queueOf('ab');
        const given: unknown[] = [];
        const reread = (value: string, { id }: DeadLetter<string>) => timer(1).pipe(map(() => `${value}${id} now`));
        const project = (value: string, letter: DeadLetter<string>) => {
          given.push(letter.value);
          return [value];
        };
        expectObservable(redrive(queue, project, { reread }).pipe(shown)).toBe('-x(y|)', { x: 'aa now', y: 'bb now' });
        flush();
        expect(given).to.deep.equal(['a', 'b']);
        expect(idsIn(queue)).to.equal('');
      });
    });

    for (const [what, gone] of [
      ['undefined', [undefined]],
      ['null', [null]],
      ['nothing', []],
    ] as const) {
      it(`are not worked on, when the record is gone: reread gives ${what}`, () => {
        runMarbles(({ expectObservable, flush }) => {
          const queue = queueOf('ab');
          const reread = (value: string) => (value === 'a' ? gone : [value]);
          expectObservable(redriven(queue, { reread })).toBe('--(b|)');
          flush();
          expect(idsIn(queue)).to.equal('');
        });
      });
    }

    it('are asked of first, and read again only where there is work', () => {
      const reread: string[] = [];
      runMarbles(({ expectObservable }) => {
        const result = redriven(queueOf('ab'), {
          skipIf: (value) => value === 'a',
          reread: (value) => {
            reread.push(value);
            return [value];
          },
        });
        expectObservable(result).toBe('--(b|)');
      });
      expect(reread).to.deep.equal(['b']);
    });

    it('take one value of what reread gives, and then unsubscribe', () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const read = cold('-ab');
        expectObservable(redriven(queueOf('q'), { reread: () => read })).toBe('---(a|)');
        expectSubscriptions(read.subscriptions).toBe('^!');
      });
    });

    it('take promises', async () => {
      const options: RedriveOptions<string> = {
        skipIf: (value) => Promise.resolve(value === 'a'),
        reread: (value) => Promise.resolve(`${value}!`),
      };
      const results = redrive(queueOf('ab'), (value: string) => [value], options).pipe(shown, toArray());
      expect(await lastValueFrom(results)).to.deep.equal(['b!']);
    });

    const failure = new Error('no');
    const throws = () => {
      throw failure;
    };
    const failingOptions: Record<string, RedriveOptions<string>> = {
      'skipIf throws': { skipIf: throws },
      'skipIf rejects': { skipIf: () => Promise.reject(failure) },
      'reread throws': { reread: throws },
      'reread errors': { reread: () => throwError(() => failure) },
    };
    for (const [what, options] of Object.entries(failingOptions)) {
      it(`are put back with one more attempt, when ${what}`, async () => {
        const queue = queueOf('a');
        const results = redrive(queue, work, { ...options, logger: SILENT }).pipe(toArray());
        const [result] = await lastValueFrom(results);
        expect(result?.ok).to.equal(false);
        const [letter] = queue.letters();
        expect(letter).to.include({ id: 'a', value: 'a', attempts: 5 });
        expect(letter?.error.message).to.equal('no');
      });
    }

    it('are asked of and read again at each attempt', () => {
      runMarbles(({ expectObservable }) => {
        const calls: string[] = [];
        const options: RedriveOptions<string> = {
          maxRetries: 1,
          delays: CONSTANT,
          skipIf: () => {
            calls.push('skipIf');
            return calls.length > 2;
          },
          reread: () => {
            calls.push('reread');
            return throwError(() => failure);
          },
        };
        const counted = redrive(queueOf('a'), work, options).pipe(
          toArray(),
          map((results) => [results.length, ...calls]),
        );
        expectObservable(counted).toBe('---(r|)', { r: [0, 'skipIf', 'reread', 'skipIf'] });
      });
    });

    it('count in the time that an attempt may take', () => {
      runMarbles(({ expectObservable }) => {
        const names = redrive(queueOf('a'), work, { timeoutMs: 4, reread: () => NEVER }).pipe(
          map(({ val }) => (val as DeadLetter).error.name),
        );
        expectObservable(names).toBe('----(n|)', { n: WorkTimeoutError.name });
      });
    });

    describe('are warned of', () => {
      const change = changeEvent({ data: { Name: 'x' } });
      const warningsOf = (values: readonly unknown[], options: RedriveOptions<unknown> = {}, times = 1) => {
        const warnings: string[] = [];
        runMarbles(({ flush }) => {
          const letters = values.map((value, index) => ({ ...deadLetterOf(value, 'old'), id: `${index}` }));
          const logger = { warn: (message: string) => void warnings.push(message) };
          const queue = fakeDeadLetters({ letters });
          const result = redrive(queue, () => throwError(() => failure), { failedBefore: 1e15, logger, ...options });
          for (let count = 0; count < times; count++) result.subscribe();
          flush();
        });
        return warnings;
      };

      it('once, when a change event is worked on as it was', () => {
        const warnings = warningsOf([change, change]);
        expect(warnings).to.have.length(1);
        expect(warnings[0]).to.match(/^redrive\(\) works on changes as they were.*reread.*skipIf.*asTheyWere: true/);
        expect(warningsOf([change], {}, 2)).to.have.length(1);
      });

      it('as members of a batch, too', () => {
        expect(warningsOf([['x', change]])).to.have.length(1);
      });

      it('not where they are no change events', () => {
        expect(warningsOf(['x', 1, null, { header: 'x' }, platformEvent('/event/Order__e', {})])).to.deep.equal([]);
      });

      it('not where there is reread, or skipIf, or they may be as they were', () => {
        const safe: RedriveOptions<unknown>[] = [
          { reread: (value) => [value] },
          { skipIf: () => false },
          { asTheyWere: true },
        ];
        for (const options of safe) expect(warningsOf([change], options)).to.deep.equal([]);
      });

      it('on the console, by default', () => {
        const warn = sinon.stub(console, 'warn');
        try {
          warningsOf([change], { logger: undefined } as never);
          expect(warn.callCount).to.equal(1);
        } finally {
          warn.restore();
        }
      });
    });
  });

  describe('options', () => {
    const refused: Record<string, RedriveOptions<string>> = {
      'no concurrency': { concurrency: 0 },
      'no letters at once': { batchSize: 0 },
      'all letters at once': { batchSize: Infinity },
      'what is no time': { failedBefore: NaN },
      'a Date': { failedBefore: new Date() as unknown as number },
      'fewer than no retries': { maxRetries: -1 },
      'no time for work': { timeoutMs: 0 },
      'fewer than no retries of the queue': { queueRetry: { maxRetries: -1 } },
      'a reread that is no function': { reread: true as never },
      'a skipIf that is no function': { skipIf: true as never },
      'values as they were beside what reads them again': { asTheyWere: true, reread: (value) => [value] },
      'values as they were beside what skips some': { asTheyWere: true, skipIf: () => false },
    };
    for (const [what, options] of Object.entries(refused)) {
      it(`refuse ${what}, at the call`, () => {
        expect(() => redriven(queueOf(''), options)).to.throw(ConfigurationError, /^redrive\(\)/);
      });
    }
  });
});

describe('redrive, with work that changes its value', () => {
  it('puts the letter back as it was taken', async () => {
    const event = changeEvent({ data: { Id: '1', Name: 'a' } });
    const queue = fakeDeadLetters({ letters: [{ ...deadLetterOf(event, 'old'), lastFailedAt: 1 }] });
    const spoiling = (value: typeof event) => {
      delete (value.data as Record<string, unknown>).Id;
      return throwError(() => new Error('no'));
    };
    await lastValueFrom(redrive(queue, spoiling, { asTheyWere: true }));
    const [letter] = queue.letters();
    expect((letter?.value as typeof event).data).to.deep.equal({ Id: '1', Name: 'a' });
    expect(letter?.attempts).to.equal(2);
  });

  it('refuses what is no queue, and what is no function', () => {
    expect(() => redrive(undefined as never, () => NEVER)).to.throw(ConfigurationError, 'no queue');
    expect(() => redrive(fakeDeadLetters({}), undefined as never)).to.throw(ConfigurationError, 'project undefined');
  });
});

import { expect } from 'chai';
import { defer, lastValueFrom, map, merge, NEVER, of, throwError, toArray } from 'rxjs';
import { ConfigurationError, WorkTimeoutError } from '@rxforce/core/model';
import { changeEvent, runMarbles } from '@rxforce/core/testing';
import { fakeDeadLetters } from '../test/support/fake-dead-letters.js';
import { deadLetterOf } from './dead-letter.js';
import { redrive, type RedriveOptions } from './redrive.js';
import { CONSTANT, idsIn, lettersOf, queueOf, redriven, shown, work } from '../test/support/redriven.js';

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

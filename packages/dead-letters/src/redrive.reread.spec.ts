import { expect } from 'chai';
import { lastValueFrom, map, NEVER, throwError, timer, toArray } from 'rxjs';
import { WorkTimeoutError } from '@rxforce/core/model';
import sinon from 'sinon';
import { changeEvent, platformEvent, runMarbles } from '@rxforce/core/testing';
import { fakeDeadLetters } from '../test/support/fake-dead-letters.js';
import { deadLetterOf } from './dead-letter.js';
import type { DeadLetter } from './dead-letter-queue.js';
import { redrive, type RedriveOptions } from './redrive.js';
import { CONSTANT, idsIn, queueOf, redriven, shown, work } from '../test/support/redriven.js';

const SILENT = { warn: () => undefined };

describe('redrive', () => {
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
});

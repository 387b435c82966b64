import { expect } from 'chai';
import { map, mergeMap, NEVER, of, throwError, timer } from 'rxjs';
import { ConfigurationError, type Result } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { fakeDeadLetters } from '../../dead-letters/test/support/fake-dead-letters.js';
import type { DeadLetter } from '@rxforce/dead-letters';
import { retryWithDLQ } from './retry-with-dlq.js';
import { capitals, failsFor, policy, shown } from '../test/support/retried.js';

describe('retryWithDLQ', () => {
  describe('concurrency', () => {
    it('lets others go on while a value waits to be tried again', () => {
      runMarbles(({ cold, expectObservable }) => {
        const result = cold('(xabc|)').pipe(retryWithDLQ(failsFor('x'), policy({ concurrency: 2 })), shown);
        expectObservable(result).toBe('--a-b-c(X|)');
      });
    });

    const events = {
      a: changeEvent({ id: 'x1', recordIds: ['1'] }),
      b: changeEvent({ id: 'b', recordIds: ['1', '2'] }),
      c: changeEvent({ id: 'c', recordIds: ['2'] }),
      d: changeEvent({ id: 'd', recordIds: ['3'] }),
    };
    type Event = (typeof events)['a'];
    const idsOf = map(({ ok, val }: Result<string, DeadLetter<Event>>) =>
      ok ? val : capitals(val.value.id.charAt(0)),
    );

    it('keeps the order of the events of a record, and of all records of a merged event', () => {
      runMarbles(({ cold, expectObservable }) => {
        const result = cold('(abcd|)', events).pipe(
          retryWithDLQ((event) => failsFor('x')(event.id), policy<Event>({ concurrency: 9 })),
          idsOf,
        );
        expectObservable(result).toBe('--d----X-b-(c|)');
      });
    });

    it('keeps the order of batches that share a record of any member', () => {
      runMarbles(({ cold, expectObservable }) => {
        const { a, b, c, d } = events;
        const batches = { p: [d, a], q: [c], r: [b] };
        const result = cold('(pqr|)', batches).pipe(
          retryWithDLQ(
            (batch) => timer(6).pipe(map(() => batch.map(({ id }) => id).join(''))),
            policy<Event[]>({ concurrency: 9 }),
          ),
          map(({ val }) => val),
        );
        expectObservable(result).toBe('------(pq)--(r|)', { p: 'dx1', q: 'c', r: 'b' });
      });
    });

    it('keeps the order of the keys that it is told', () => {
      runMarbles(({ cold, expectObservable }) => {
        const keyBy = (value: string) => (value === 'c' ? 'other' : 'one');
        const result = cold('(xbc|)').pipe(retryWithDLQ(failsFor('x'), policy({ concurrency: 9, keyBy })), shown);
        expectObservable(result).toBe('--c----X-(b|)');
      });
    });
  });

  describe('batches', () => {
    const joined = (batch: string[]) => failsFor('x')(batch.join('')).pipe(mergeMap((text) => text.split('')));

    it('are put aside whole, with a letter for each member, in one call to the queue', () => {
      runMarbles(({ cold, expectObservable, flush }) => {
        const queue = fakeDeadLetters({ answerMs: () => 1 });
        const result = cold('-p----q---|', { p: ['a', 'b'], q: ['c', 'x'] }).pipe(
          retryWithDLQ(joined, policy<string[]>({ deadLetters: queue })),
          shown,
        );
        expectObservable(result).toBe('---(ab)-------(CX|)');
        flush();
        expect(queue.calls).to.have.length(1);
        queue
          .letters()
          .forEach((letter) => expect(letter).to.include({ attempts: 2, firstFailedAt: 8, lastFailedAt: 13 }));
      });
    });

    it('are halved when they fail, down to what fails alone, in order', () => {
      runMarbles(({ cold, expectObservable, flush }) => {
        const queue = fakeDeadLetters();
        const tried: string[] = [];
        const project = (batch: string[], attempt: number) => {
          tried.push(`${batch.join('')}${attempt}`);
          return joined(batch);
        };
        const result = cold('p|', { p: ['a', 'b', 'x', 'c', 'd'] }).pipe(
          retryWithDLQ(project, policy<string[]>({ splitBatches: true, deadLetters: queue })),
          shown,
        );
        // abxcd twice until 7, abx until 9, ab until 11, x from 11 to 18 with its retry, cd until 20.
        expectObservable(result).toBe('11ms (ab) 3ms X-(cd|)');
        flush();
        expect(tried).to.deep.equal(['abxcd1', 'abxcd2', 'abx3', 'ab4', 'x4', 'x5', 'cd3']);
        expect(queue.letters()).to.have.length(1);
        expect(queue.letters()[0]).to.include({ attempts: 5, firstFailedAt: 2, lastFailedAt: 18 });
      });
    });

    it('are halved at once, when their error is not retryable', () => {
      runMarbles(({ cold, expectObservable }) => {
        const result = cold('p|', { p: ['x', 'a'] }).pipe(
          retryWithDLQ(joined, policy<string[]>({ splitBatches: true, retryable: () => false })),
          shown,
        );
        expectObservable(result).toBe('----X-(a|)');
      });
    });

    it('of one member are as the member alone', () => {
      runMarbles(({ cold, expectObservable }) => {
        const result = cold('p|', { p: ['x'] }).pipe(
          retryWithDLQ(joined, policy<string[]>({ splitBatches: true })),
          shown,
        );
        expectObservable(result).toBe('-------(X|)');
      });
    });

    it('without members are not worked on', () => {
      runMarbles(({ cold, expectObservable, flush }) => {
        const worked: string[][] = [];
        const project = (batch: string[]) => of(worked.push(batch));
        expectObservable(cold('p--|', { p: [] }).pipe(retryWithDLQ(project, policy<string[]>()))).toBe('---|');
        flush();
        expect(worked).to.deep.equal([]);
      });
    });

    it('settle together, when the last member is handled or put aside', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-p', { p: ['x', 'a'] }), scheduler);
        source.values.pipe(retryWithDLQ(joined, policy<string[]>({ splitBatches: true }))).subscribe();
        flush();
        // px until 8, x until 15, a until 17.
        expect(source.settled.map(({ at }) => at)).to.deep.equal([1 + 7 + 7 + 2]);
      });
    });
  });
});

describe('retryWithDLQ, with work that takes its batch apart', () => {
  it('gives each attempt the whole batch, and has a letter for each member', () => {
    const attempts: string[] = [];
    const deadLetters = fakeDeadLetters({});
    runMarbles(({ cold, scheduler, flush }) => {
      const source = delivered(cold('-a|', { a: ['r1', 'r2', 'r3'] }), scheduler);
      const draining = (batch: string[]) => {
        attempts.push(batch.splice(0).join());
        return throwError(() => new Error('no'));
      };
      source.values.pipe(retryWithDLQ(draining, policy({ deadLetters }))).subscribe();
      flush();
    });
    expect(attempts).to.deep.equal(['r1,r2,r3', 'r1,r2,r3']);
    expect(deadLetters.letters().map(({ value }) => value)).to.deep.equal(['r1', 'r2', 'r3']);
  });

  it('has a letter for each event of a transaction, which it does not split', () => {
    const events = [changeEvent({ recordIds: ['1'] }), changeEvent({ recordIds: ['2'] })];
    const transaction = { transactionKey: 'tx', events };
    const worked: unknown[] = [];
    const deadLetters = fakeDeadLetters({});
    runMarbles(({ cold, flush }) => {
      const failingWork = (value: typeof transaction) => {
        worked.push(value);
        return throwError(() => new Error('no'));
      };
      cold('-a|', { a: transaction })
        .pipe(retryWithDLQ(failingWork, policy({ deadLetters, splitBatches: true })))
        .subscribe();
      flush();
    });
    expect(worked).to.deep.equal([transaction, transaction]);
    const letters = deadLetters.letters();
    expect(letters.map(({ topic, replayId }) => [topic, replayId])).to.deep.equal(
      events.map(({ topic, replayId }) => [topic, replayId.toString()]),
    );
  });

  it('refuses what is no function, and no options', () => {
    const none = undefined as never;
    expect(() => retryWithDLQ(none, policy())).to.throw(ConfigurationError, 'project undefined');
    expect(() => retryWithDLQ(() => NEVER, none)).to.throw(ConfigurationError, 'no deadLetters');
    expect(() => retryWithDLQ(() => NEVER, policy({ onDeadLetter: 5 as never }))).to.throw(ConfigurationError);
    expect(() => retryWithDLQ(() => NEVER, policy({ onRetry: 5 as never }))).to.throw(ConfigurationError);
    expect(() => retryWithDLQ(() => NEVER, policy({ keyBy: 'key' as never }))).to.throw(ConfigurationError);
  });
});

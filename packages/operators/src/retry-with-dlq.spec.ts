import { expect } from 'chai';
import { concat, map, merge, NEVER, of, range, Subject, take, throwError, type Observable } from 'rxjs';
import { ConfigurationError, RxforceError, WorkTimeoutError } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { fakeDeadLetters } from '../../dead-letters/test/support/fake-dead-letters.js';
import { runDiagram } from '../test/support/marble-doc.js';
import type { DeadLetter, DeadLetterQueue } from '@rxforce/dead-letters';
import { retryWithDLQ, type RetryWithDLQOptions } from './retry-with-dlq.js';
import { failsFor, policy, shown, throwing } from '../test/support/retried.js';

describe('retryWithDLQ', () => {
  it('does what its diagram shows', () => {
    runDiagram('retry-with-dlq.ts', (source: Observable<string>) =>
      source.pipe(
        retryWithDLQ(failsFor('b'), policy()),
        shown,
        map((text) => (text === 'B' ? 'x' : text)),
      ),
    );
  });

  // Work takes 2, and fails for x; the wait is 3.
  const cases: [string, string, string, string][] = [
    ['never', '----', '----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one that works', '-a-----|', '---a---|', '^------!'],
    ['one that does not', '-x-------|', '--------X|', '^--------!'],
    ['work left at the completion', '-x|', '--------(X|)', '^-!'],
    ['many', '-a-x-b-|', '---a------X-(b|)', '^------!'],
    ['many at once', '-(axb)-|', '---a------X-(b|)', '^------!'],
    ['an error', '-a-x------#', '---a------#', '^---------!'],
    ['an error while it waits to try again', '-x---#', '-----#', '^----!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`gives each value's results or its letter, one value after the other, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source);
        expectObservable(input.pipe(retryWithDLQ(failsFor('x'), policy()), shown)).toBe(result);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('emits the results of an attempt when it has completed, and none of one that fails', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const bad = cold('ab#');
      const good = cold('cd--|');
      const result = cold('a|').pipe(
        retryWithDLQ((_value, attempt) => (attempt === 1 ? bad : good), policy()),
        shown,
      );
      expectObservable(result).toBe('---------(cd|)');
      expectSubscriptions(bad.subscriptions).toBe('^-!');
      expectSubscriptions(good.subscriptions).toBe('-----^---!');
    });
  });

  it('emits nothing for work that completes without a result', () => {
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-|').pipe(retryWithDLQ(() => [], policy()))).toBe('---|');
    });
  });

  it('takes promises, and a queue that gives promises', async () => {
    const queue = { put: () => Promise.resolve() } as unknown as DeadLetterQueue;
    const results: unknown[] = [];
    await new Promise<void>((resolve) => {
      of('a', 'x', 'b')
        .pipe(
          retryWithDLQ(
            (value) => (value === 'x' ? Promise.reject(new Error('no')) : Promise.resolve(value)),
            policy({ delays: { type: 'constant', delayMs: 0 }, deadLetters: queue }),
          ),
          shown,
        )
        .subscribe({ next: (text) => results.push(text), complete: resolve });
    });
    expect(results).to.deep.equal(['a', 'X', 'b']);
  });

  it('says in the letter what the value is and what became of it, which is what the queue has', () => {
    const event = changeEvent({ id: 'e1', recordIds: ['001'] });
    const queue = fakeDeadLetters();
    const letters: unknown[] = [];
    runMarbles(({ hot, flush }) => {
      hot('-e', { e: event })
        .pipe(retryWithDLQ((value) => failsFor('')(value.id), policy({ deadLetters: queue })))
        .subscribe(({ val }) => letters.push(val));
      flush();
    });
    expect(queue.letters()).to.deep.equal(letters);
    const { error, ...letter } = queue.letters()[0]!;
    expect(error).to.include({ name: 'Error', message: 'no e1' });
    expect(letter).to.deep.equal({
      id: `${event.topic}:${event.replayId.toString()}:e1:001`,
      value: event,
      payload: undefined,
      schemaId: event.schemaId,
      topic: event.topic,
      replayId: event.replayId.toString(),
      attempts: 2,
      firstFailedAt: 3,
      lastFailedAt: 8,
    });
  });

  it('keeps the bytes of an event, though it fails long after it came', () => {
    const queue = fakeDeadLetters();
    runMarbles(({ hot, flush }) => {
      const payload = Uint8Array.of(7);
      const carried = { ...changeEvent(), [Symbol.for('@rxforce/core/delivery/3')]: fakeDelivery(payload) };
      hot('-e', { e: carried })
        .pipe(retryWithDLQ(() => failsFor('')(''), policy({ deadLetters: queue })))
        .subscribe();
      flush();
    });
    expect(queue.letters()[0]!.payload).to.deep.equal(Uint8Array.of(7));
  });

  it('puts what is not retryable aside at once', () => {
    runMarbles(({ cold, expectObservable }) => {
      const retryable = (error: unknown) => !(error as Error).message.includes('x');
      const result = cold('(xa|)').pipe(retryWithDLQ(failsFor(''), policy({ retryable })), shown);
      expectObservable(result).toBe('--X------(A|)');
    });
  });

  it('tries again what says that it cannot pass, unless retryable says so', () => {
    runMarbles(({ cold, expectObservable }) => {
      const project = (_value: string, attempt: number) =>
        attempt === 1 ? throwError(() => new ConfigurationError('no')) : of('b');
      const retryable = (error: unknown) => !RxforceError.is(error) || error.retriable;
      expectObservable(cold('a|').pipe(retryWithDLQ(project, policy()), shown)).toBe('---(b|)');
      expectObservable(cold('a|').pipe(retryWithDLQ(project, policy({ retryable })), shown)).toBe('A|');
    });
  });

  it('unsubscribes an attempt that takes too long, and puts the value aside when the last one did', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold('a---|');
      const names = cold('a|').pipe(
        retryWithDLQ(() => work, policy({ timeoutMs: 2 })),
        map(({ val }) => (val as DeadLetter).error.name),
      );
      expectObservable(names).toBe('-------(e|)', { e: WorkTimeoutError.name });
      expectSubscriptions(work.subscriptions).toBe(['^-!', '-----^-!']);
    });
  });

  const brokenFunctions: Record<string, (failure: Error) => Partial<RetryWithDLQOptions<string>>> = {
    retryable: (failure) => ({ retryable: throwing(failure) }),
    delays: (failure) => ({ delays: throwing(failure) }),
    onDeadLetter: (failure) => ({ onDeadLetter: throwing(failure) }),
    onRetry: (failure) => ({ onRetry: throwing(failure) }),
    keyBy: (failure) => ({ keyBy: throwing(failure), concurrency: 2 }),
    random: (failure) => ({ delays: { type: 'exponential', initialMs: 1, maxMs: 1 }, random: throwing(failure) }),
  };
  for (const [name, options] of Object.entries(brokenFunctions)) {
    it(`errors with what ${name} throws, and settles nothing`, () => {
      const failure = new Error('no');
      const errors: unknown[] = [];
      runMarbles(({ cold, scheduler, flush, expectSubscriptions }) => {
        const input = cold('-x');
        const source = delivered(input, scheduler);
        source.values
          .pipe(retryWithDLQ(failsFor('x'), policy(options(failure))))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(source.unsettled()).to.deep.equal(['x']);
        expectSubscriptions(input.subscriptions).toBe({ keyBy: '^!', onDeadLetter: '^-------!' }[name] ?? '^--!');
      });
      expect(errors).to.deep.equal([failure]);
    });
  }

  it('errors, when delays gives what is no time', () => {
    const errors: unknown[] = [];
    of('x')
      .pipe(retryWithDLQ(throwing(new Error('no')), policy({ delays: () => NaN })))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors[0]).to.be.instanceOf(ConfigurationError);
  });

  it('tells onDeadLetter of each letter, when the queue has it and before it is emitted', () => {
    const log: string[] = [];
    runMarbles(({ hot, flush }) => {
      const queue = fakeDeadLetters({ answerMs: () => 4 });
      const onDeadLetter = ({ value }: DeadLetter) => log.push(`${String(value)} of ${queue.letters().length}`);
      hot('-b', { b: ['x', 'y'] })
        .pipe(retryWithDLQ(throwing(new Error('no')), policy<string[]>({ deadLetters: queue, onDeadLetter })))
        .subscribe(({ val }) => log.push(`${val.value} emitted`));
      flush();
    });
    expect(log).to.deep.equal(['x of 2', 'x emitted', 'y of 2', 'y emitted']);
  });

  it('tells onRetry of each attempt that another one follows, before the wait', () => {
    runMarbles(({ hot, scheduler, flush }) => {
      const log: unknown[] = [];
      const onRetry = (value: string, attempt: number, error: unknown) =>
        log.push([scheduler.now(), value, attempt, (error as Error).message]);
      const delays = { type: 'constant', delayMs: 3 } as const;
      hot('-a')
        .pipe(retryWithDLQ(throwing(new Error('no')), policy({ maxRetries: 2, delays, onRetry })))
        .subscribe(() => log.push([scheduler.now(), 'letter']));
      flush();
      expect(log).to.deep.equal([
        [1, 'a', 1, 'no'],
        [4, 'a', 2, 'no'],
        [7, 'letter'],
      ]);
    });
  });

  it('unsubscribes from its source and its work, when unsubscribed', () => {
    runMarbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c');
      const work = cold('-----x|');
      expectObservable(source.pipe(retryWithDLQ(() => work, policy())), '^--!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectSubscriptions(work.subscriptions).toBe('-^-!');
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const values: unknown[] = [];
    range(0, Infinity)
      .pipe(
        retryWithDLQ((value) => of(value), policy<number>()),
        take(3),
      )
      .subscribe(({ val }) => values.push(val));
    expect(values).to.deep.equal([0, 1, 2]);
  });

  it('does 20,000 values that complete at once without growing the stack', () => {
    let count = 0;
    const gate = new Subject<number>();
    concat(of(gate), range(0, 20_000).pipe(map(() => of(0))))
      .pipe(retryWithDLQ((work: Observable<number>) => work, policy<Observable<number>>()))
      .subscribe(() => count++);
    gate.next(0);
    gate.complete();
    expect(count).to.equal(20_001);
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const handled = cold('x|').pipe(retryWithDLQ(failsFor('x'), policy()), shown);
      expectObservable(merge(handled, handled)).toBe('-------(XX|)');
    });
  });

  describe('options', () => {
    const refused: Record<string, Partial<RetryWithDLQOptions<string>>> = {
      'no queue': { deadLetters: undefined as unknown as DeadLetterQueue },
      'what is no queue': { deadLetters: {} as DeadLetterQueue },
      'no concurrency': { concurrency: 0 },
      'half a concurrency': { concurrency: 1.5 },
      'fewer than no retries': { maxRetries: -1 },
      'no time': { timeoutMs: 0 },
      'fewer than no retries of the queue': { queueRetry: { maxRetries: -1 } },
    };
    for (const [what, options] of Object.entries(refused)) {
      it(`refuse ${what}, at the call`, () => {
        expect(() => retryWithDLQ(() => NEVER, policy(options))).to.throw(ConfigurationError, /^retryWithDLQ\(\)/);
      });
    }
  });
});

/** As far as `payloadOf` and `hold` look at one. */
function fakeDelivery(payload: Uint8Array) {
  const hold = () => ({
    state: () => 'open',
    isLost: () => false,
    release: () => undefined,
    emit: (to: Subject<unknown>, value: unknown) => to.next(value),
  });
  return { payload, ended: () => false, covers: () => false, hold };
}

import { expect } from 'chai';
import {
  concat,
  delay,
  map,
  merge,
  mergeMap,
  NEVER,
  of,
  range,
  Subject,
  take,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import {
  ConfigurationError,
  DeadLetterQueueError,
  RxforceError,
  WorkTimeoutError,
  type Result,
} from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import {
  fakeDeadLetters,
  type FakeDeadLettersOptions,
  type Mishap,
} from '../../dead-letters/test/support/fake-dead-letters.js';
import { runDiagram } from '../test/support/marble-doc.js';
import type { DeadLetter, DeadLetterQueue } from '@rxforce/dead-letters';
import { expandMerged } from './expand-merged.js';
import { handle } from './handle.js';
import { retryWithDLQ, type RetryWithDLQOptions } from './retry-with-dlq.js';

const CONSTANT = { type: 'constant', delayMs: 3 } as const;
const failsFor = (poison: string) => (value: string) =>
  timer(2).pipe(
    map(() => {
      if (value.includes(poison)) throw new Error(`no ${value}`);
      return value;
    }),
  );
/** In capitals what was put aside: an `Err` has a stack of its own, so results are compared by what they hold. */
const shown = map((result: Result<string, DeadLetter>) => (result.ok ? result.val : capitals(result.val.value)));
const capitals = (value: unknown) => String(value).toUpperCase();

/** One retry after 3 ms, and a queue that answers at once. */
function policy<T = string>(
  options: Partial<RetryWithDLQOptions<T>> = {},
  queue: FakeDeadLettersOptions = {},
): RetryWithDLQOptions<T> {
  return {
    maxRetries: 1,
    delays: CONSTANT,
    queueRetry: { delays: CONSTANT },
    deadLetters: fakeDeadLetters(queue),
    ...options,
  };
}

/** How the first calls to the queue fail. */
const failing = (...mishaps: Mishap[]): FakeDeadLettersOptions => ({ mishap: (_method, count) => mishaps[count - 1] });

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
      const carried = { ...changeEvent(), [Symbol.for('@rxforce/core/delivery/2')]: fakeDelivery(payload) };
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

function throwing(failure: Error): () => never {
  return () => {
    throw failure;
  };
}

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

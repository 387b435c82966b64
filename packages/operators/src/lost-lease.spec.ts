import { expect } from 'chai';
import { mergeMap, of, Subject, throwError, timer, VirtualTimeScheduler } from 'rxjs';
import { deliverySource, type DeliverySink } from '@rxforce/core/delivery-source';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { batchBy } from './batch-by.js';
import { handle } from './handle.js';
import { retryWithDLQ } from './retry-with-dlq.js';
import { buffer, bufferCount } from './rxjs/index.js';

describe('Operators under a lease that is lost', () => {
  let scheduler: VirtualTimeScheduler;
  let sink: DeliverySink<string, string>;
  let lost: Set<string>;
  let settled: string[];
  let unsettled: string[];
  let errors: unknown[];

  beforeEach(() => {
    scheduler = new VirtualTimeScheduler();
    [lost, settled, unsettled, errors] = [new Set(), [], [], []];
  });

  const source = () =>
    deliverySource<string, string>((given) => void (sink = given), {
      ...{ name: 'the source', scheduler, isLost: (place) => lost.has(place) },
      settled: (place) => settled.push(place),
      unsettled: (place) => unsettled.push(place),
    });
  const deliver = (...names: readonly string[]) => names.forEach((name) => sink.deliver(name, name));
  const observer = { error: (error: unknown) => void errors.push(error) };

  it('try nothing again with retryWithDLQ, and put nothing aside', async () => {
    const deadLetters = memoryDeadLetterQueue();
    const attempts: string[] = [];
    const away = throwError(() => new Error('away'));
    source()
      .pipe(
        retryWithDLQ(
          (value, attempt) => {
            attempts.push(`${value} ${attempt}`);
            return value === 'b' ? of(value) : away;
          },
          { deadLetters, maxRetries: 3, delays: () => 10, scheduler },
        ),
      )
      .subscribe(observer);
    deliver('a', 'b');
    lost.add('a');
    scheduler.flush();
    expect(attempts).to.deep.equal(['a 1', 'b 1']);
    expect(await deadLetters.depth()).to.equal(0);
    expect([settled, unsettled, errors]).to.deep.equal([['b'], ['a'], []]);
  });

  it('do not wait for another attempt with retryWithDLQ, when it is lost while one fails', () => {
    const retries: unknown[] = [];
    const fails = () => timer(5, scheduler).pipe(mergeMap(() => throwError(() => new Error('away'))));
    const options = { deadLetters: memoryDeadLetterQueue(), maxRetries: 3, delays: () => 10_000, scheduler };
    source()
      .pipe(retryWithDLQ(fails, { ...options, onRetry: (value) => retries.push(value) }))
      .subscribe(observer);
    deliver('a');
    lost.add('a');
    scheduler.flush();
    expect([retries, unsettled, errors]).to.deep.equal([[], ['a'], []]);
  });

  it('try nothing again with retryWithDLQ, when it is lost before an attempt that waits', () => {
    const attempts: number[] = [];
    source()
      .pipe(
        retryWithDLQ(
          (_value, attempt) => {
            attempts.push(attempt);
            return throwError(() => new Error('away'));
          },
          { deadLetters: memoryDeadLetterQueue(), maxRetries: 3, delays: () => 10, scheduler },
        ),
      )
      .subscribe(observer);
    deliver('a');
    scheduler.schedule(() => void lost.add('a'), 15);
    scheduler.flush();
    expect([attempts, unsettled, errors]).to.deep.equal([[1, 2], ['a'], []]);
  });

  /** Ends buffers that do not end by themselves. */
  const ended$ = new Subject<void>();
  for (const [name, collect] of [
    ['batchBy', batchBy<string>(3, Infinity)],
    ['bufferCount', bufferCount<string>(3)],
    ['buffer', buffer<string>(ended$)],
  ] as const) {
    it(`leave what is lost out of a batch, with ${name}`, () => {
      const batches: (readonly string[])[] = [];
      const work = (batch: readonly string[]) => void batches.push(batch);
      source().pipe(collect, handle(work)).subscribe(observer);
      deliver('a', 'b');
      lost.add('a');
      deliver('c');
      ended$.next();
      deliver('d', 'e');
      ['d', 'e', 'f'].forEach((each) => lost.add(each));
      deliver('f');
      ended$.next();
      scheduler.flush();
      expect(batches).to.deep.equal([['b', 'c']]);
      expect([settled, unsettled, errors]).to.deep.equal([['b', 'c'], ['a', 'd', 'e', 'f'], []]);
    });
  }

  it('begin no work that waited, with handle', () => {
    const begun: string[] = [];
    const end = new Subject<never>();
    const work = (value: string) => {
      begun.push(value);
      return end;
    };
    source().pipe(handle(work)).subscribe(observer);
    deliver('a', 'b');
    lost.add('b');
    end.complete();
    scheduler.flush();
    expect([begun, settled, unsettled, errors]).to.deep.equal([['a'], ['a'], ['b'], []]);
  });
});

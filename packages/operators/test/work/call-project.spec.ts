import { expect } from 'chai';
import { concat, defer, lastValueFrom, Observable, of, Subject, toArray, type OperatorFunction } from 'rxjs';
import { ConfigurationError } from '@rxforce/core/model';
import { handle } from '../../src/handle.js';
import { latestByRecord } from '../../src/latest-by-record.js';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { retryWithDLQ } from '../../src/retry-with-dlq.js';
import { callProject, isMisuse, type Work } from '@rxforce/core/internal';

const save = (value: unknown) => Promise.resolve(value);

/** What the operators of ours that work make of a function. */
const operators: Record<string, (project: (value: number) => Work) => OperatorFunction<number, unknown>> = {
  handle: (project) => handle(project),
  latestByRecord: (project) => latestByRecord(project),
  retryWithDLQ: (project) => retryWithDLQ(project, { maxRetries: 3, deadLetters: memoryDeadLetterQueue() }),
};

describe('callProject', () => {
  const call = (project: () => Work) => defer(() => callProject('handle()', project, () => undefined));
  const resultsOf = (project: () => Work) => lastValueFrom(call(project).pipe(toArray()));
  const errorOf = (project: () => Work) =>
    resultsOf(project).then(
      () => undefined,
      (error: unknown) => error,
    );

  it('gives what the work emits, whatever an Observable can be made of', async () => {
    expect(await resultsOf(() => Promise.resolve(1))).to.deep.equal([1]);
    expect(await resultsOf(() => [1, 2])).to.deep.equal([1, 2]);
    expect(await resultsOf(() => of(1, 2))).to.deep.equal([1, 2]);
    expect(await resultsOf(() => new Set([1]))).to.deep.equal([1]);
    expect(await resultsOf(() => 'ab')).to.deep.equal(['a', 'b']);
    expect(
      await resultsOf(() =>
        (async function* () {
          yield await save(1);
        })(),
      ),
    ).to.deep.equal([1]);
  });

  it('takes a function that returns nothing for one that is done', async () => {
    expect(await resultsOf(() => undefined)).to.deep.equal([]);
    expect(await resultsOf(() => null as never)).to.deep.equal([]);
  });

  it('tells of work that cannot be stopped, and of no other', () => {
    const running: unknown[] = [];
    const promise = Promise.resolve();
    for (const work of [promise, of(1), []]) {
      callProject(
        'handle()',
        () => work,
        (started) => running.push(started),
      ).subscribe();
    }
    expect(running).to.deep.equal([promise]);
  });

  for (const [what, work] of Object.entries<() => Work>({
    'an array of promises': () => [save(1), save(2)],
    'an Observable of a promise': () => of(save(1)),
    'a generator of promises': function* () {
      yield save(1);
    },
    'an Observable that gives a promise at last': () => concat(of(1), of(save(2))),
  })) {
    it(`refuses ${what}: it would be taken for work that is done`, async () => {
      const error = await errorOf(work);
      expect(error).to.be.instanceOf(ConfigurationError);
      expect(String(error)).to.include('handle()').and.include('Promise.all');
      expect(isMisuse(error)).to.equal(true);
    });
  }

  for (const odd of [5, true, {}]) {
    it(`refuses ${JSON.stringify(odd)}, of which nothing can be made, and says what to return`, async () => {
      const error = await errorOf(() => odd as never);
      expect(error).to.be.instanceOf(ConfigurationError);
      expect(String(error)).to.include('a promise, an Observable or an iterable');
    });
  }

  it('passes on what the function throws, which is no misuse', async () => {
    const thrown = new Error('mine');
    const error = await errorOf(() => {
      throw thrown;
    });
    expect(error).to.equal(thrown);
    expect(isMisuse(error)).to.equal(false);
  });

  for (const [name, operator] of Object.entries(operators)) {
    it(`has ${name} error for an array of promises, try it once and put nothing aside`, () => {
      const errors: unknown[] = [];
      let calls = 0;
      const results: unknown[] = [];
      const source = new Subject<number>();
      const project = (value: number) => {
        calls++;
        return [save(value)];
      };
      source
        .pipe(operator(project))
        .subscribe({ next: (result) => results.push(result), error: (error: unknown) => errors.push(error) });
      source.next(1);
      expect([calls, results]).to.deep.equal([1, []]);
      expect(String(errors[0])).to.include(`${name}()`);
    });

    it(`has ${name} take a function that returns nothing for done`, async () => {
      const seen: number[] = [];
      await lastValueFrom(of(1, 2).pipe(operator((value) => void seen.push(value))), { defaultValue: undefined });
      expect(seen).to.deep.equal([1, 2]);
    });
  }

  it('unsubscribes the work', () => {
    let unsubscribed = false;
    call(() => new Observable(() => () => void (unsubscribed = true)))
      .subscribe()
      .unsubscribe();
    expect(unsubscribed).to.equal(true);
  });
});

import { inspect } from 'node:util';
import { expect } from 'chai';
import { EMPTY, lastValueFrom, of, throwError, type Observable } from 'rxjs';
import {
  ConfigurationError,
  DeadLetterQueueError,
  Ok,
  RxforceError,
  WorkTimeoutError,
  type Result,
} from '@rxforce/core/model';
import { runMarbles } from '@rxforce/core/testing';
import { fakeDeadLetters, type Mishap } from '../../test/support/fake-dead-letters.js';
import { askQueue, resolveQueuePolicy, type QueueRetryPolicy } from './ask-queue.js';

const CONSTANT = { type: 'constant', delayMs: 3 } as const;

/** Asks a queue that fails in the ways said, one after the other. */
function asked(mishaps: readonly (Mishap | undefined)[], retry: QueueRetryPolicy = {}) {
  const queue = fakeDeadLetters({ answerMs: () => 1, mishap: (_method, count) => mishaps[count - 1] });
  const answer = askQueue(() => queue.put([]), resolveQueuePolicy('test()', { delays: CONSTANT, ...retry }, {}));
  return { queue, answer };
}

/** When the queue was asked, and what came of it in the end. */
function outcomeOf({ queue, answer }: ReturnType<typeof asked>) {
  const outcome: { at: number[]; error?: unknown; done: boolean } = { at: [], done: false };
  runMarbles(({ flush }) => {
    answer.subscribe({ error: (error: unknown) => (outcome.error = error), complete: () => (outcome.done = true) });
    flush();
  });
  outcome.at = queue.calls.map(({ at }) => at);
  return outcome;
}

describe('askQueue', () => {
  it('emits the answer', () => {
    runMarbles(({ expectObservable }) => {
      expectObservable(asked([]).answer).toBe('-(a|)', { a: undefined });
      const answer: Observable<Result<number, never>> = of(Ok(5));
      expectObservable(askQueue(() => answer, resolveQueuePolicy('test()', {}, {}))).toBe('(a|)', { a: 5 });
    });
  });

  it('asks again after a wait, when the failure may pass', () => {
    expect(outcomeOf(asked(['retriable', 'unheard']))).to.deep.equal({ at: [0, 4, 8], done: true });
  });

  it('errors with what the queue said, when it has failed too often', () => {
    const { at, error, done } = outcomeOf(asked(['retriable', 'retriable', 'retriable'], { maxRetries: 2 }));
    expect([at, done]).to.deep.equal([[0, 4, 8], false]);
    expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('message', 'put failed for now');
  });

  it('asks 11 times, when nothing is said', () => {
    const { at, error } = outcomeOf(asked(Array.from({ length: 11 }, () => 'retriable')));
    expect(at).to.have.length(11);
    expect(error).to.be.instanceOf(DeadLetterQueueError);
  });

  it('errors at once, when the failure cannot pass', () => {
    const { at, error } = outcomeOf(asked(['permanent']));
    expect(at).to.deep.equal([0]);
    expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('message', 'put failed for good');
  });

  for (const mishap of ['rejects', 'throws', 'nonsense'] as const) {
    it(`errors at once, when the queue does what none may do: ${mishap}`, () => {
      const { at, error } = outcomeOf(asked([mishap]));
      expect(at).to.deep.equal([0]);
      expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('retriable', false);
    });
  }

  for (const answer of [undefined, null, {}, { ok: 'yes', val: 1 }, { ok: true }, 'OK', true, 5]) {
    it(`says what a queue must answer, when it gives ${inspect(answer)}`, async () => {
      const policy = resolveQueuePolicy('test()', {}, {});
      const asked = askQueue(() => Promise.resolve(answer as Result<void, never>), policy);
      const error: unknown = await lastValueFrom(asked).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('retriable', false);
      expect((error as Error).message).to.include('must resolve with a Result: Ok(value) or Err(');
    });
  }

  it('says what a queue must answer, when it completes without an answer', async () => {
    const error: unknown = await lastValueFrom(askQueue(() => EMPTY, resolveQueuePolicy('test()', {}, {}))).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('retriable', false);
  });

  it('takes a result of another copy of ts-results', async () => {
    const answer = { ok: true, err: false, val: 5 } as unknown as Result<number, never>;
    expect(await lastValueFrom(askQueue(() => of(answer), resolveQueuePolicy('test()', {}, {})))).to.equal(5);
  });

  it('errors at once, when the queue fails with what is no error of ours', () => {
    const errors: unknown[] = [];
    const strange = { ok: false, val: 'no' } as unknown as Result<void, DeadLetterQueueError>;
    const policy = resolveQueuePolicy('test()', {}, {});
    askQueue(() => of(strange), policy).subscribe({ error: (error: unknown) => errors.push(error) });
    askQueue(() => throwError(() => new Error('no')), policy).subscribe({
      error: (error: unknown) => errors.push(error),
    });
    expect(errors).to.have.length(2);
    errors.forEach((error) =>
      expect(error)
        .to.be.instanceOf(DeadLetterQueueError)
        .with.property('message')
        .that.matches(/: (Error: )?no$/),
    );
  });

  it('asks again, when the queue takes too long to answer', () => {
    expect(outcomeOf(asked(['silent', 'silent'], { timeoutMs: 5 }))).to.deep.equal({ at: [0, 8, 16], done: true });
  });

  it('errors with a DeadLetterQueueError, when the queue never answers in time', () => {
    const { error } = outcomeOf(asked(['silent'], { timeoutMs: 5, maxRetries: 0 }));
    expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('cause').that.is.instanceOf(WorkTimeoutError);
  });

  it('asks no more, when unsubscribed', () => {
    const { queue, answer } = asked(['retriable']);
    runMarbles(({ expectObservable }) => expectObservable(answer, '--!').toBe('-'));
    expect(queue.calls.map(({ at }) => at)).to.deep.equal([0]);
  });

  it('refuses a policy that is out of range', () => {
    expect(() => asked([], { maxRetries: -1 })).to.throw(ConfigurationError, /^test\(\) got maxRetries/);
    expect(() => asked([], { timeoutMs: 0 })).to.throw(RxforceError, /^test\(\) got timeoutMs/);
  });
});

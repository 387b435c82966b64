import { inspect } from 'node:util';
import { expect } from 'chai';
import { EMPTY, lastValueFrom, of } from 'rxjs';
import {
  ConfigurationError,
  ConnectionError,
  DeadLetterQueueError,
  RxforceError,
  WorkTimeoutError,
} from '@rxforce/core/model';
import { runMarbles } from '@rxforce/core/testing';
import { fakeDeadLetters, type Mishap } from '../../test/support/fake-dead-letters.js';
import type { AskedMethod } from '../queue-answers.js';
import { letterOf } from '../testing/queue-kit.js';
import { askQueue, resolveQueuePolicy, type QueueRetryPolicy } from './ask-queue.js';

const LETTER = letterOf('a');
const CONSTANT = { type: 'constant', delayMs: 3 } as const;

/** Asks a queue that fails in the ways said, one after the other. */
function asked(mishaps: readonly (Mishap | undefined)[], retry: QueueRetryPolicy = {}) {
  const queue = fakeDeadLetters({ answerMs: () => 1, mishap: (_method, count) => mishaps[count - 1] });
  const answer = askQueue('put', () => queue.put([]), resolveQueuePolicy('test()', { delays: CONSTANT, ...retry }, {}));
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

/** What is no Error is rejected with, too. */
async function rejected(reason: unknown): Promise<never> {
  return Promise.resolve().then(() => {
    throw reason;
  });
}

describe('askQueue', () => {
  it('emits the answer', () => {
    runMarbles(({ expectObservable }) => {
      expectObservable(asked([]).answer).toBe('-(a|)', { a: undefined });
      const answer = askQueue('take', () => of([LETTER]), resolveQueuePolicy('test()', {}, {}));
      expectObservable(answer).toBe('(a|)', { a: [LETTER] });
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

  const errorOf = (method: AskedMethod, ask: () => unknown): Promise<unknown> =>
    lastValueFrom(askQueue(method, ask as () => Promise<never>, resolveQueuePolicy('test()', {}, {}))).catch(
      (thrown: unknown) => thrown,
    );

  const wrong: Readonly<Record<AskedMethod, readonly unknown[]>> = {
    take: [undefined, null, {}, 'OK', 5, [undefined], ['a'], [{ value: 1 }], { ok: true, val: [] }],
    put: [null, false, 'OK', 1, [], { ok: false, val: new DeadLetterQueueError('no') }],
    remove: [0],
    release: [true],
  };
  for (const [method, answers] of Object.entries(wrong) as [AskedMethod, readonly unknown[]][]) {
    for (const answer of answers) {
      it(`says what ${method}() must resolve with, when it gives ${inspect(answer, { depth: 0 })}`, async () => {
        const error = await errorOf(method, () => Promise.resolve(answer));
        expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('retriable', false);
        expect((error as Error).message).to.match(
          new RegExp(`^${method}\\(\\) of the dead-letter queue resolved with `),
        );
        expect((error as Error).message).to.include('must return a promise that resolves with ');
      });
    }

    it(`keeps the failure as the cause, when ${method}() resolves with it, bare or in a result`, async () => {
      const full = new Error('disk full');
      for (const answer of [full, { ok: false, err: true, val: full }]) {
        expect(await errorOf(method, () => Promise.resolve(answer))).to.have.property('cause', full);
      }
    });

    for (const given of [undefined, [], 5]) {
      it(`says that ${method}() must return a promise, when it returns ${inspect(given)}`, async () => {
        const error = await errorOf(method, () => given);
        expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('retriable', false);
        expect((error as Error).message).to.match(
          /^\w+\(\) of the dead-letter queue returned .* must return a promise/,
        );
      });
    }
  }

  it('says what a queue must answer, when it completes without an answer', async () => {
    const error = await errorOf('put', () => EMPTY);
    expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('retriable', false);
  });

  it('errors at once, when the queue rejects with what is no error of ours, and says what to reject with', async () => {
    for (const thrown of ['no', new Error('no')]) {
      const error = await errorOf('put', () => rejected(thrown));
      expect(error).to.be.instanceOf(DeadLetterQueueError).and.include({ retriable: false, cause: thrown });
      expect((error as Error).message)
        .to.include(': no. ')
        .and.include('new DeadLetterQueueError(');
    }
    let calls = 0;
    const away = new ConnectionError('away');
    const error = await errorOf('put', () => {
      calls++;
      return rejected(away);
    });
    expect(error).to.be.instanceOf(DeadLetterQueueError).and.include({ retriable: false, cause: away });
    expect(calls).to.equal(1);
    const bare: unknown = Object.create(null);
    expect(await errorOf('put', () => rejected(bare))).to.be.instanceOf(DeadLetterQueueError);
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

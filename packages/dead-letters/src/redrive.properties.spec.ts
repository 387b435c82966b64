import { expect } from 'chai';
import fc from 'fast-check';
import { concat, defer, EMPTY } from 'rxjs';
import { DeadLetterQueueError, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent, runMarbles } from '@rxforce/core/testing';
import {
  fakeDeadLetters,
  type FakeDeadLetters,
  type Mishap,
  type QueueMethod,
} from '../test/support/fake-dead-letters.js';
import {
  anyMishap,
  attemptScript,
  isRetryable,
  passingMishap,
  scripted,
  type AttemptScript,
} from '../test/support/scripted-work.js';
import { deadLetterOf } from './dead-letter.js';
import { redrive } from './redrive.js';

interface LetterPlan {
  readonly record: string;
  readonly attempts: readonly AttemptScript[];
}

const letterPlans: fc.Arbitrary<readonly LetterPlan[]> = fc.array(
  fc.record({
    record: fc.constantFrom('p', 'q', 'r'),
    attempts: fc.array(attemptScript, { minLength: 1, maxLength: 3 }),
  }),
  { maxLength: 15 },
);

const options = fc.record({
  concurrency: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(Infinity)),
  batchSize: fc.integer({ min: 1, max: 5 }),
  maxRetries: fc.nat({ max: 2 }),
});

const passing = fc.array(passingMishap, { maxLength: 25 });
const answers = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 5 });

/** Letters of the planned events, that failed last in their order. */
function queueOf(plans: readonly LetterPlan[], mishaps: readonly (Mishap | undefined)[], answerMs: readonly number[]) {
  const letters = plans.map((plan, index) => {
    const event = changeEvent({ id: `e${index}`, recordIds: [plan.record], data: plan });
    return deadLetterOf(event, 'old', { attempts: 3, firstFailedAt: -999, lastFailedAt: index - 99 });
  });
  let calls = 0;
  let answered = 0;
  return fakeDeadLetters({
    letters,
    mishap: (method) => heardIfTaken(method, mishaps[calls++]),
    answerMs: () => answerMs[answered++ % answerMs.length]!,
  });
}

/** Letters of a take that was not heard stay taken until their taker is gone: that is the queue's to mend. */
function heardIfTaken(method: QueueMethod, mishap: Mishap | undefined): Mishap | undefined {
  return method === 'take' && (mishap === 'unheard' || mishap === 'silent') ? 'retriable' : mishap;
}

interface Seen {
  readonly id: string;
  readonly what: 'starts' | 'succeeds' | 'result' | 'letter';
  readonly attempt: number;
}

interface Redriven {
  readonly seen: readonly Seen[];
  readonly end: unknown;
  readonly mostTaken: number;
}

function run(
  queue: FakeDeadLetters,
  { concurrency, batchSize, maxRetries }: { concurrency: number; batchSize: number; maxRetries: number },
  unsubscribeAt = Infinity,
  queueRetries = 3,
): Redriven {
  const seen: Seen[] = [];
  let end: unknown;
  let mostTaken = 0;
  runMarbles(({ scheduler, flush }) => {
    const counts = new Map<string, number>();
    const project = ({ id, data }: ChangeEvent<LetterPlan>) => {
      const attempt = (counts.get(id) ?? 0) + 1;
      counts.set(id, attempt);
      seen.push({ id, what: 'starts', attempt });
      mostTaken = Math.max(mostTaken, queue.taken().length);
      const succeeded = defer(() => {
        seen.push({ id, what: 'succeeds', attempt });
        return EMPTY;
      });
      const script = data.attempts?.[attempt - 1] ?? { results: 1, ms: 1, end: 'completes' };
      return concat(scripted(script, id, attempt), succeeded);
    };
    const subscription = redrive(queue, project, {
      asTheyWere: true,
      concurrency,
      batchSize,
      maxRetries,
      retryable: isRetryable,
      timeoutMs: 5,
      delays: { type: 'constant', delayMs: 2 },
      queueRetry: { delays: { type: 'constant', delayMs: 1 }, maxRetries: queueRetries, timeoutMs: 9 },
    }).subscribe({
      next: (result) =>
        seen.push(
          result.ok
            ? { id: result.val.about, what: 'result', attempt: result.val.attempt }
            : { id: result.val.value.id, what: 'letter', attempt: result.val.attempts - 3 },
        ),
      error: (error: unknown) => (end = error),
      complete: () => (end = 'completed'),
    });
    if (unsubscribeAt < Infinity) scheduler.schedule(() => subscription.unsubscribe(), unsubscribeAt);
    flush();
  });
  return { seen, end, mostTaken };
}

/** What happened to one letter: Attempt, Success, Result, put back (L). */
function fateOf({ seen }: Redriven, id: string): string {
  const letters = { starts: 'A', succeeds: 'S', result: 'R', letter: 'L' };
  return seen
    .filter((each) => each.id === id)
    .map(({ what }) => letters[what])
    .join('');
}

const idsIn = (queue: FakeDeadLetters) => queue.letters().map(({ value }) => (value as ChangeEvent).id);

describe('redrive, at random', () => {
  it('tries each letter once, and it is handled and gone or in the queue with its attempts, whatever fails', () => {
    const faults = fc.array(anyMishap, { maxLength: 25 });
    const moments = fc.oneof(fc.constant(Infinity), fc.nat({ max: 80 }));
    fc.assert(
      fc.property(letterPlans, options, faults, answers, moments, (plans, rules, mishaps, answerMs, at) => {
        const queue = queueOf(plans, mishaps, answerMs);
        const redriven = run(queue, rules, at);
        const left = idsIn(queue);
        expect(left).to.have.length(new Set(left).size);
        plans.forEach((_plan, index) => {
          const id = `e${index}`;
          const fate = fateOf(redriven, id);
          expect(fate, id).to.match(redriven.end === 'completed' ? /^A+(SR*|L)$/ : /^(A*|A+SR*|A+L)$/);
          const isHandled = fate.includes('S');
          if (!left.includes(id)) expect(isHandled, `${id} is lost`).to.equal(true);
          if (fate.includes('R')) expect(left).not.to.include(id);
          if (fate.includes('L')) {
            const letter = queue.letters().find(({ value }) => (value as ChangeEvent).id === id)!;
            expect(letter).to.include({ attempts: 3 + fate.length - 1, firstFailedAt: -999 });
            expect(letter.lastFailedAt).to.be.at.least(1);
          }
        });
        if (redriven.end instanceof Error) expect(redriven.end).to.be.instanceOf(DeadLetterQueueError);
        else if (at === Infinity) expect(redriven.end).to.equal('completed');
        if (redriven.end === 'completed') {
          expect(left.sort()).to.deep.equal(
            plans
              .map((_plan, index) => `e${index}`)
              .filter((id) => fateOf(redriven, id).endsWith('L'))
              .sort(),
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  it('releases every letter in the end, and has no more of them than it says', () => {
    const moments = fc.oneof(fc.constant(Infinity), fc.nat({ max: 80 }));
    fc.assert(
      fc.property(letterPlans, options, passing, answers, moments, (plans, rules, mishaps, answerMs, at) => {
        const queue = queueOf(plans, mishaps, answerMs);
        const { mostTaken } = run(queue, rules, at, mishaps.length);
        expect(queue.taken()).to.deep.equal([]);
        const { concurrency, batchSize } = rules;
        expect(mostTaken).to.be.below(batchSize + (concurrency === Infinity ? batchSize : concurrency));
      }),
      { numRuns: 80 },
    );
  });

  it('starts the letters of a record in order, each when the one before is done', () => {
    fc.assert(
      fc.property(letterPlans, options, answers, (plans, rules, answerMs) => {
        const { seen } = run(queueOf(plans, [], answerMs), rules);
        for (const record of ['p', 'q', 'r']) {
          const ids = plans.flatMap((plan, index) => (plan.record === record ? [`e${index}`] : []));
          const own = seen.filter(({ id }) => ids.includes(id)).map(({ id }) => id);
          const inOrder = ids.flatMap((id) => own.filter((each) => each === id));
          expect(own).to.deep.equal(inOrder);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('empties the queue, when all work succeeds and the queue fails for some time only', () => {
    fc.assert(
      fc.property(letterPlans, options, passing, answers, (plans, rules, mishaps, answerMs) => {
        const queue = queueOf(
          plans.map((plan) => ({ ...plan, attempts: [] })),
          mishaps,
          answerMs,
        );
        expect(run(queue, rules, Infinity, mishaps.length).end).to.equal('completed');
        expect(queue.letters()).to.deep.equal([]);
      }),
      { numRuns: 80 },
    );
  });
});

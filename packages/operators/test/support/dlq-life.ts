import type { Observable } from 'rxjs';
import { concat, defer, EMPTY, map, merge, NEVER, take, tap, timer } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { retryWithDLQ } from '../../src/retry-with-dlq.js';
import type { FakeDeadLetters } from '../../../dead-letters/test/support/fake-dead-letters.js';
import { isRetryable, scripted, type AttemptScript } from '../../../dead-letters/test/support/scripted-work.js';

/** What comes when, and how the attempts at it go; those that are not in the list succeed. */
export interface EventPlan {
  readonly records: readonly string[];
  readonly at: number;
  readonly attempts: readonly AttemptScript[];
}

/** How a life of the pipeline ends, if it does not fail. */
export type Ending =
  | { readonly type: 'completes' }
  | { readonly type: 'errors' | 'is unsubscribed'; readonly at: number }
  | { readonly type: 'is taken from'; readonly count: number };

/** How the operator is told to work. */
export interface LifeOptions {
  readonly concurrency: number;
  readonly maxRetries: number;
  readonly delayMs: number;
  readonly queueRetries: number;
}

/** One thing that happened to an event. */
export interface Step {
  readonly what: 'arrives' | 'starts' | 'succeeds' | 'result' | 'letter' | 'settled';
  readonly id: string;
  readonly at: number;
  /** Which attempt; for a letter, how many there were. */
  readonly attempt: number;
  /** Whether the queue had a letter of the event. */
  readonly isQueued: boolean;
}

/** All that happened, in order. */
export interface Life {
  readonly steps: readonly Step[];
  /** What it errored with; `completed`; or nothing. */
  readonly end: unknown;
}

/** Longest attempt, and longest wait for the queue. */
const TIMEOUT_MS = 5;
const QUEUE_TIMEOUT_MS = 9;

/** Has events worked on by `retryWithDLQ` in virtual time, until nothing happens any more. */
export function live(
  events: readonly ChangeEvent<EventPlan>[],
  options: LifeOptions,
  ending: Ending,
  queue: FakeDeadLetters,
): Life {
  const steps: Step[] = [];
  let end: unknown;
  runMarbles(({ scheduler, flush }) => {
    const note = (what: Step['what'], id: string, attempt = 0) => {
      const isQueued = queue.letters().some(({ value }) => (value as ChangeEvent).id === id);
      steps.push({ what, id, at: scheduler.now(), attempt, isQueued });
    };
    const source = delivered(sourceOf(events, ending).pipe(tap(({ id }) => note('arrives', id))), scheduler);
    source.settled$.subscribe(({ id }) => note('settled', id));
    const { maxRetries, delayMs, queueRetries, concurrency } = options;
    const project = ({ id, data }: ChangeEvent<EventPlan>, attempt: number) => {
      note('starts', id, attempt);
      const script = data.attempts?.[attempt - 1] ?? { results: 1, ms: 1, end: 'completes' };
      const succeeded = defer(() => {
        note('succeeds', id, attempt);
        return EMPTY;
      });
      return concat(scripted(script, id, attempt), succeeded);
    };
    const subscription = source.values
      .pipe(
        retryWithDLQ(project, {
          concurrency,
          maxRetries,
          retryable: isRetryable,
          delays: { type: 'constant', delayMs },
          timeoutMs: TIMEOUT_MS,
          deadLetters: queue,
          queueRetry: {
            maxRetries: queueRetries,
            delays: { type: 'constant', delayMs: 2 },
            timeoutMs: QUEUE_TIMEOUT_MS,
          },
        }),
        take(ending.type === 'is taken from' ? ending.count : Infinity),
      )
      .subscribe({
        next: (result) => {
          if (result.ok) note('result', result.val.about, result.val.attempt);
          else note('letter', result.val.value.id, result.val.attempts);
        },
        error: (error: unknown) => (end = error),
        complete: () => (end = 'completed'),
      });
    if (ending.type === 'is unsubscribed') scheduler.schedule(() => subscription.unsubscribe(), ending.at);
    flush();
  });
  return { steps, end };
}

function sourceOf<T extends ChangeEvent<EventPlan>>(events: readonly T[], ending: Ending): Observable<T> {
  const arrivals = events.map((event) => timer(event.data.at ?? 0).pipe(map(() => event)));
  if (ending.type !== 'errors') return merge(...arrivals);
  const error = timer(ending.at).pipe(
    map(() => {
      throw SOURCE_ERROR;
    }),
  );
  return merge(...arrivals, error, NEVER);
}

/** What a source errors with. */
export const SOURCE_ERROR = new Error('the source');

import { errorIn, isResult, kindOf, reasonOf } from '../model/answer.js';
import { EventLogError, RxforceError, type AnyRxforceError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { LoggedEntry, LogInfo, LogLag, LogResponse } from './event-log.js';
import { saysFailure } from './store-answers.js';

/**
 * Checks the answer of `open`.
 *
 * @throws `EventLogError` when it does not say what is there.
 */
export function openedAnswer(answer: unknown): LogInfo {
  const { id, partitions } = Object(answer) as Partial<LogInfo>;
  const isNumber = typeof partitions === 'number' && Number.isSafeInteger(partitions) && partitions > 0;
  if (typeof id === 'string' && id !== '' && isNumber) return { id, partitions };
  throw misanswered('open', '{ id, partitions }', answer);
}

/**
 * Checks the answer of `append`: how many of the first entries are durable.
 *
 * @param count - How many there were.
 * @throws `EventLogError` when it is no such number.
 */
export function appendedAnswer(answer: unknown, count: number): number {
  if (Number.isSafeInteger(answer) && (answer as number) >= 0 && (answer as number) <= count) return answer as number;
  throw misanswered('append', `a whole number from 0 to ${count}`, answer);
}

/**
 * Checks the answer of `putSchema`.
 *
 * @throws `EventLogError` when it says that nothing was kept.
 */
export function schemaKeptAnswer(answer: unknown): void {
  if (saysFailure(answer)) throw misanswered('putSchema', 'nothing once the schema is durable', answer);
}

/**
 * Checks the answer of `schema`.
 *
 * @throws `EventLogError` when it is neither a text nor nothing.
 */
export function schemaAnswer(answer: unknown): string | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer === 'string') return answer;
  throw misanswered('schema', 'a text, or undefined where it has none', answer);
}

/**
 * Checks a response of `read`.
 *
 * @param most - How many entries are wanted.
 * @throws `EventLogError` when it is none, or has more entries.
 */
export function readAnswer(answer: unknown, most: number): LogResponse {
  const { entries, latest, dropped } = Object(answer) as Partial<LogResponse>;
  const isPosition = latest === undefined || ReplayId.is(latest);
  if (Array.isArray(entries) && isPosition && isCount(dropped) && entries.length <= most && entries.every(isEntry)) {
    return answer as LogResponse;
  }
  throw misanswered('read', `{ entries, latest } with at most ${most} entries`, answer);
}

/**
 * Checks the answer of `lag`.
 *
 * @throws `EventLogError` when it is none.
 */
export function lagAnswer(answer: unknown): LogLag {
  const { events, oldestAt } = Object(answer) as Partial<LogLag>;
  const isObject = typeof answer === 'object' && answer !== null;
  if (isObject && isCount(events) && isCount(oldestAt)) return { events, oldestAt };
  throw misanswered('lag', '{ events, oldestAt }', answer);
}

/** What a log rejected with, as the error that it should have been. */
export function logFailed(thrown: unknown): AnyRxforceError {
  if (RxforceError.is(thrown)) return thrown;
  return new EventLogError(`The event log failed: ${reasonOf(thrown)}`, { cause: thrown });
}

function isCount(value: unknown): value is number | undefined {
  return value === undefined || (Number.isFinite(value) && (value as number) >= 0);
}

function isEntry(value: unknown): value is LoggedEntry {
  const { id, origin, schemaId, payload, position, version } = Object(value) as Partial<LoggedEntry>;
  return (
    typeof id === 'string' &&
    typeof schemaId === 'string' &&
    payload instanceof Uint8Array &&
    typeof version === 'bigint' &&
    ReplayId.is(origin) &&
    ReplayId.is(position)
  );
}

/** A defect of the log: the same call would be answered as badly again. */
function misanswered(method: string, expected: string, answer: unknown): EventLogError {
  const older = isResult(answer) ? ' Results are of an older contract.' : '';
  return new EventLogError(
    `${method}() of the event log gave ${kindOf(answer)}, but must give ${expected}, and reject with an EventLogError where ` +
      `it fails.${older} Correct the log.`,
    { reason: 'refused', cause: errorIn(answer) },
  );
}

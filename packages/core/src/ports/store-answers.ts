import { isObservable } from 'rxjs';
import { errorIn, isResult, kindOf, quietly, reasonOf } from '../model/answer.js';
import { ReplayStoreError, RxforceError, PositionCorruptedError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { PositionKey, PositionLock, StoreError, StreamPosition } from './replay-store.js';

/** What `load` must resolve with. */
const POSITION = 'a ReplayId, a Date, or undefined where none was ever saved';
/** What `reachedBefore` must resolve with. */
const HINT = 'a ReplayId, or undefined where it knows none';

/**
 * What `load` gave: a position of this copy of the package, `undefined` where none is stored.
 *
 * @throws `PositionCorruptedError` when it is neither.
 */
export function loadedPosition(key: PositionKey, answer: unknown): StreamPosition | undefined {
  if (answer === undefined || answer === null) return undefined;
  const position = positionOf(answer);
  if (position === undefined) throw noPosition(key, answer);
  return position;
}

/**
 * What `save` gave: anything that does not say that it failed, such as the reply of a database.
 *
 * @throws `ReplayStoreError` when it says so, or when nothing was done yet.
 */
export function savedAnswer(answer: unknown): void {
  if (saysFailure(answer)) throw misanswered('save', 'nothing once the position is durable', answer);
}

/**
 * Whether a port that is to resolve with nothing says that it failed: by `false`, `null`, an error, or a `Result`.
 * Other values, such as the reply of a database, mean success. An Observable that nobody subscribes to has done
 * nothing.
 */
export function saysFailure(answer: unknown): boolean {
  if (answer === false || answer === null || isResult(answer) || isObservable(answer)) return true;
  return errorIn(answer) !== undefined;
}

/**
 * What `lock` gave.
 *
 * @throws `ReplayStoreError` when it is no lock.
 */
export function lockAnswer(answer: unknown): PositionLock {
  if (typeof (answer as Partial<PositionLock> | null | undefined)?.release === 'function') {
    return answer as PositionLock;
  }
  // A lock that nobody knows of would be held until this process ends.
  if (isResult(answer)) void quietly(() => (answer.val as PositionLock).release());
  throw misanswered('lock', '{ release }', answer, 'a PositionInUseError where another process has the position');
}

/**
 * What `reachedBefore` gave: a replay id of this copy of the package, if any.
 *
 * @throws `ReplayStoreError` when it is something else.
 */
export function reachedAnswer(answer: unknown): ReplayId | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (ReplayId.is(answer) && answer.toBytes().length > 0) return ReplayId.from(answer);
  throw misanswered('reachedBefore', HINT, answer);
}

/** What a store rejected with, as the error that it should have been. */
export function storeFailed(thrown: unknown): StoreError {
  if (isStoreError(thrown)) return thrown;
  return new ReplayStoreError(`The replay store failed: ${reasonOf(thrown)}`, {
    cause: thrown,
    ...(RxforceError.is(thrown) && { retriable: thrown.retriable }),
  });
}

/** By its code: it may be of another copy of the package. */
function isStoreError(thrown: unknown): thrown is StoreError {
  return RxforceError.is(thrown) && ['replay-store', 'position-corrupted', 'position-in-use'].includes(thrown.code);
}

function positionOf(value: unknown): StreamPosition | undefined {
  if (ReplayId.is(value)) return value.toBytes().length > 0 ? ReplayId.from(value) : undefined;
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value : undefined;
}

function noPosition({ topic, name }: PositionKey, value: unknown): PositionCorruptedError {
  return new PositionCorruptedError(
    `load() of the replay store resolved with ${kindOf(value)} for the position "${name}" of ${topic}, but must ` +
      `resolve with ${POSITION}. ${adviceOn(value)} Nothing was read and nothing was overwritten.`,
    { topic, cause: errorIn(value) },
  );
}

function adviceOn(value: unknown): string {
  if (isResult(value)) {
    return 'Results are of an older contract: resolve with the position itself, and reject where it fails.';
  }
  if (value instanceof Error) return 'Reject with a ReplayStoreError where it fails.';
  if (ReplayId.is(value)) return 'The replay id is empty: look how it was stored.';
  if (typeof value === 'string') return 'ReplayId.parse(text) reads what ReplayId.toString() wrote.';
  if (value instanceof Uint8Array) return 'ReplayId.fromBytes(bytes) reads what ReplayId.toBytes() gave.';
  if (typeof value === 'number') return 'new Date(epochMs) makes a time of it; a replay id is no number.';
  return 'Store a ReplayId by its toString(), and read it with ReplayId.parse().';
}

/** A defect of the store: the same call would be answered as badly again. */
function misanswered(
  method: string,
  expected: string,
  answer: unknown,
  failure = 'a ReplayStoreError where it fails',
): ReplayStoreError {
  const older = isResult(answer) ? ' Results are of an older contract.' : '';
  return new ReplayStoreError(
    `${method}() of the replay store resolved with ${kindOf(answer)}, but must resolve with ${expected}, and reject ` +
      `with ${failure}.${older} Correct the store; what was stored is not known to be changed.`,
    { retriable: false, cause: errorIn(answer) },
  );
}

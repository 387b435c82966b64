import { kindOf, resultOf } from '../model/answer.js';
import { ReplayStoreError, RxforceError, PositionCorruptedError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { PositionKey, PositionLock, StoreError, StreamPosition } from './replay-store.js';

type Answer<T> = Result<T, StoreError>;

/** What `load` gave: a position of this copy of the package, `undefined` where none is stored. */
export function loadedPosition(key: PositionKey, answer: unknown): Answer<StreamPosition | undefined> {
  return checked('load', 'Ok(position), Ok(undefined) where none was ever saved,', answer, (value) => {
    if (value === undefined || value === null) return Ok(undefined);
    const position = positionOf(value);
    return position === undefined ? Err(noPosition(key, value)) : Ok(position);
  });
}

/** What `save` gave. */
export function savedAnswer(answer: unknown): Answer<void> {
  return checked('save', 'Ok(undefined)', answer, () => Ok(undefined));
}

/** What `lock` gave. */
export function lockAnswer(answer: unknown): Answer<PositionLock> {
  return checked('lock', 'Ok({ release })', answer, (value) =>
    typeof (value as Partial<PositionLock> | null | undefined)?.release === 'function'
      ? Ok(value as PositionLock)
      : Err(misanswered('lock', 'Ok({ release })', `Ok with ${kindOf(value)}`)),
  );
}

/** What `reachedBefore` gave: a replay id of this copy of the package, if any. */
export function reachedAnswer(answer: unknown): Answer<ReplayId | undefined> {
  const expected = 'Ok(replayId), Ok(undefined) where it knows none,';
  return checked('reachedBefore', expected, answer, (value) => {
    if (value === undefined || value === null) return Ok(undefined);
    return ReplayId.is(value) && value.toBytes().length > 0
      ? Ok(ReplayId.from(value))
      : Err(misanswered('reachedBefore', expected, `Ok with ${kindOf(value)}`));
  });
}

/** What a store failed with, as the error that it should have been. */
export function storeFailed(thrown: unknown): StoreError {
  if (isStoreError(thrown)) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new ReplayStoreError(`The replay store failed: ${reason}`, {
    cause: thrown,
    ...(RxforceError.is(thrown) && { retriable: thrown.retriable }),
  });
}

/** By its code: it may be of another copy of the package. */
function isStoreError(thrown: unknown): thrown is StoreError {
  return RxforceError.is(thrown) && ['replay-store', 'position-corrupted', 'position-in-use'].includes(thrown.code);
}

function checked<T>(method: string, expected: string, answer: unknown, take: (value: unknown) => Answer<T>): Answer<T> {
  const result = resultOf(answer);
  if (result === undefined) return Err(misanswered(method, expected, kindOf(answer)));
  return result.ok ? take(result.val) : Err(storeFailed(result.val));
}

function positionOf(value: unknown): StreamPosition | undefined {
  if (ReplayId.is(value)) return value.toBytes().length > 0 ? ReplayId.from(value) : undefined;
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value : undefined;
}

function noPosition({ topic, name }: PositionKey, value: unknown): PositionCorruptedError {
  return new PositionCorruptedError(
    `load() of the replay store resolved with Ok of ${kindOf(value)} for the position "${name}" of ${topic}, but must ` +
      `resolve with Ok of a ReplayId, a Date, or undefined where none was ever saved. ${adviceOn(value)} Nothing was read ` +
      'and nothing was overwritten.',
    { topic },
  );
}

function adviceOn(value: unknown): string {
  if (ReplayId.is(value)) return 'The replay id is empty: look how it was stored.';
  if (typeof value === 'string') return 'ReplayId.parse(text) reads what ReplayId.toString() wrote.';
  if (value instanceof Uint8Array) return 'ReplayId.fromBytes(bytes) reads what ReplayId.toBytes() gave.';
  if (typeof value === 'number') return 'new Date(epochMs) makes a time of it; a replay id is no number.';
  return 'Store a ReplayId by its toString(), and read it with ReplayId.parse().';
}

/** A defect of the store: the same call would be answered as badly again. */
function misanswered(method: string, expected: string, given: string): ReplayStoreError {
  return new ReplayStoreError(
    `${method}() of the replay store resolved with ${given}, but must resolve with ${expected} or ` +
      'Err(new ReplayStoreError(…)). Mend the store; what was stored is not known to be changed.',
    { retriable: false },
  );
}

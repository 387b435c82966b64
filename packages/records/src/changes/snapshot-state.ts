import type { PositionKey, StreamPosition } from '@rxforce/core';
import { PositionCorruptedError, ReplayId } from '@rxforce/core/model';

/** How far the records of a subscription were read. */
export interface SnapshotState {
  /**
   * `reading`: some objects are not read yet. `done`: all are read. `lost`: the position of the stream was lost, and
   * everything is read again from a new one.
   */
  readonly phase: 'reading' | 'done' | 'lost';
  /** The objects whose records were read and settled. */
  readonly read: readonly string[];
  /** The object that is read. */
  readonly entity: string | undefined;
  /** Where its next page begins. `undefined` at its beginning. */
  readonly cursor: string | undefined;
  /** How many of its records were read and settled. */
  readonly rows: number;
  /** When the reading began, in epoch milliseconds. */
  readonly startedAt: number;
}

/** Nothing was read. */
export const NO_STATE = { read: [], entity: undefined, cursor: undefined, rows: 0 } as const;

const VERSION = 1;

/** A state as a position, so that every replay store can keep it. */
export function encodeState(state: SnapshotState): ReplayId {
  return ReplayId.fromBytes(new TextEncoder().encode(JSON.stringify({ v: VERSION, ...state })));
}

/**
 * The state in a position.
 *
 * @throws `PositionCorruptedError` when it is something else.
 */
export function decodeState(key: PositionKey, position: StreamPosition): SnapshotState {
  const parsed = position instanceof Date ? undefined : parse(position);
  if (parsed === undefined) throw noState(key);
  const { phase, read, entity, cursor, rows, startedAt } = parsed;
  return { phase, read, entity, cursor, rows, startedAt };
}

function parse(position: ReplayId): SnapshotState | undefined {
  try {
    const state = JSON.parse(new TextDecoder().decode(position.toBytes())) as (SnapshotState & { v: number }) | null;
    return state?.v === VERSION && isState(state) ? state : undefined;
  } catch {
    return undefined;
  }
}

function isState({ phase, read, entity, cursor, rows, startedAt }: SnapshotState): boolean {
  const isText = (value: unknown) => value === undefined || typeof value === 'string';
  if (!['reading', 'done', 'lost'].includes(phase) || !isText(entity) || !isText(cursor)) return false;
  return Array.isArray(read) && read.every((name) => typeof name === 'string') && rows >= 0 && startedAt >= 0;
}

function noState({ topic, name }: PositionKey): PositionCorruptedError {
  return new PositionCorruptedError(
    `What is stored under "${name}" of ${topic} is not the state of a snapshot. Give the subscription another replay.name, ` +
      'or remove the entry to read all records again.',
    { topic },
  );
}

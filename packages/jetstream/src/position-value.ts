import type { StreamPosition } from '@rxforce/core';
import { ReplayId } from '@rxforce/core/model';

/** What is kept of a position. */
export interface StoredPosition {
  readonly position: StreamPosition;
  /** The largest fencing token that it was saved with. 0 where there was none. */
  readonly fence: number;
  /** The store that has written it. */
  readonly writer: string;
}

/**
 * The value of a position's key: the version of the format, the kind (a replay id in base64, or a time in epoch
 * milliseconds), the largest fencing token seen, the writer, and the position.
 */
const VALUE = /^1([it]) (\d{1,16}) (\S+) (\S+)$/;

/** The text of a position. */
export function formatPosition({ position, fence, writer }: StoredPosition): string {
  const [kind, text] = ReplayId.is(position) ? ['i', position.toString()] : ['t', String(position.getTime())];
  return `1${kind} ${fence} ${writer} ${text}`;
}

/** Reads a key's value; `undefined` when it is not a position. */
export function parsePosition(value: string): StoredPosition | undefined {
  const [, kind, fence = '', writer = '', text = ''] = VALUE.exec(value) ?? [];
  const position = kind === 'i' ? replayIdOf(text) : kind === 't' ? timeOf(text) : undefined;
  return position && { position, fence: Number(fence), writer };
}

function replayIdOf(text: string): ReplayId | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? ReplayId.fromBytes(bytes) : undefined;
}

function timeOf(text: string): Date | undefined {
  const date = new Date(/^-?\d{1,16}$/.test(text) ? Number(text) : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

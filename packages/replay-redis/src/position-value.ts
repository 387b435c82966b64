import type { StreamPosition } from '@rxforce/core';
import { ReplayId } from '@rxforce/core/model';

/**
 * The value of a position's key: the version of the format, the kind (a replay id in base64, or a time in epoch
 * milliseconds), the largest fencing token seen, the lock under which it was written or read last (`-` for none), and
 * the position. The scripts insert the token and the lock.
 */
const VALUE = /^1([it]) \d+ \S+ (\S+)$/;

/** The arguments of a script for a position: its kind and its text. */
export function formatPosition(position: StreamPosition): readonly [kind: 'i' | 't', text: string] {
  return ReplayId.is(position) ? ['i', position.toString()] : ['t', String(position.getTime())];
}

/** Reads a key's value; `undefined` when it is not a position. */
export function parsePosition(value: string): StreamPosition | undefined {
  const [, kind, text = ''] = VALUE.exec(value) ?? [];
  return kind === 'i' ? replayIdOf(text) : kind === 't' ? timeOf(text) : undefined;
}

function replayIdOf(text: string): ReplayId | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? ReplayId.fromBytes(bytes) : undefined;
}

function timeOf(text: string): Date | undefined {
  const date = new Date(/^-?\d{1,16}$/.test(text) ? Number(text) : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

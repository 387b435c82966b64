import { headers, type MsgHdrs } from '@nats-io/nats-core';
import type { LogEntry, LoggedEntry } from '@rxforce/core';
import { ReplayId } from '@rxforce/core/model';
import { positionOf, stampOf } from './log-position.js';
import { textOf, token } from './names.js';

/** Where an entry is in its partition. */
export interface EntryPlace {
  /** The sequence of the entry before it in its partition. What was there before it and is gone counts as one. */
  readonly previous: number;
  /** Which one of its partition it is, from 1. */
  readonly count: number;
  /** The largest fencing token that was seen when it was appended. 0 where there was none. */
  readonly fence: number;
}

const ID = 'rxforce-id';
const ORIGIN = 'rxforce-origin';
const SCHEMA = 'rxforce-schema';
const HEADERS = 'rxforce-headers';
const SPLIT = 'rxforce-split';
const PREVIOUS = 'rxforce-previous';
const COUNT = 'rxforce-count';
const FENCE = 'rxforce-fence';

/** What tells an entry from the others of its partition. */
export function keyOf({ origin, id }: Pick<LogEntry, 'origin' | 'id'>): string {
  return `${origin.toString()} ${id}`;
}

/** The headers of an entry. Texts that may have any character are written as in subjects. */
export function entryHeaders(entry: LogEntry, { previous, count, fence }: EntryPlace): MsgHdrs {
  const { id, origin, schemaId, headers: own, isSplit } = entry;
  const written = headers();
  written.set(ID, token(id));
  written.set(ORIGIN, origin.toString());
  written.set(SCHEMA, token(schemaId));
  written.set(PREVIOUS, String(previous));
  written.set(COUNT, String(count));
  written.set(FENCE, String(fence));
  if (isSplit) written.set(SPLIT, '1');
  if (own) written.set(HEADERS, headersText(own));
  return written;
}

/** The place of an entry, by its headers. `undefined` where it is no entry of a log. */
export function placeIn(written: MsgHdrs | undefined): EntryPlace | undefined {
  const [previous, count, fence] = [PREVIOUS, COUNT, FENCE].map((name) => numberIn(written?.get(name)));
  if (previous === undefined || count === undefined || fence === undefined) return undefined;
  return { previous, count, fence };
}

/** The key of an entry, by its headers. */
export function keyIn(written: MsgHdrs): string {
  return `${written.get(ORIGIN)} ${textOf(written.get(ID))}`;
}

/** An entry, by its message. `undefined` where it is none: it never throws, as it is called by the client of NATS. */
export function loggedEntry(...args: Parameters<typeof entryIn>): LoggedEntry | undefined {
  try {
    return entryIn(...args);
  } catch {
    return undefined;
  }
}

function entryIn(
  partition: number,
  { sequence, timeMs }: { readonly sequence: number; readonly timeMs: number },
  { headers: written, data }: { readonly headers: MsgHdrs; readonly data: Uint8Array },
): LoggedEntry | undefined {
  const [own, origin] = [written.get(HEADERS), written.get(ORIGIN)];
  if (origin === '') return undefined;
  return {
    ...{ partition, id: textOf(written.get(ID)), origin: ReplayId.parse(origin) },
    ...{ schemaId: textOf(written.get(SCHEMA)), payload: data },
    ...{ position: positionOf(sequence, stampOf(timeMs)), version: BigInt(sequence) },
    ...(own !== '' && { headers: headersIn(own) }),
    ...(written.get(SPLIT) === '1' && { isSplit: true }),
  };
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}

function headersText(own: NonNullable<LogEntry['headers']>): string {
  const texts = Object.entries(own).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  return encodeURIComponent(JSON.stringify(Object.fromEntries(texts)));
}

function headersIn(text: string): NonNullable<LogEntry['headers']> {
  const texts = JSON.parse(decodeURIComponent(text)) as Readonly<Record<string, string>>;
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, Buffer.from(value, 'base64')]));
}

import type { LogEntry, LoggedEntry } from '@rxforce/core';
import { ReplayId } from '@rxforce/core/model';
import { positionOf, versionOf } from './log-position.js';

/** What tells an entry from the others of its partition. */
export function keyOf({ origin, id }: Pick<LogEntry, 'origin' | 'id'>): string {
  return `${origin.toString()} ${id}`;
}

/** The arguments of the script for an entry. */
export function entryArgs(entry: LogEntry, place: number): readonly (string | number | Buffer)[] {
  const { partition, id, origin, schemaId, payload, headers, isSplit } = entry;
  return [
    ...[place, partition, keyOf(entry), id, origin.toString(), schemaId],
    Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
    headersText(headers),
    isSplit ? '1' : '',
  ];
}

/** An entry as Redis returns it: its id, and the names and values of its fields. */
export type StreamEntry = readonly [id: Buffer, fields: readonly Buffer[]];

/** Reads an entry of a stream. */
export function loggedEntry([rawId, fields]: StreamEntry, partition: number): LoggedEntry {
  const id = rawId.toString();
  const values = new Map<string, Buffer>();
  fields.forEach((value, index) => index % 2 === 1 && values.set(String(fields[index - 1]), value));
  const text = (name: string) => values.get(name)?.toString() ?? '';
  const headers = text('h');
  return {
    ...{ partition, id: text('i'), schemaId: text('s'), origin: ReplayId.parse(text('r')) },
    ...{ payload: values.get('p') ?? Buffer.alloc(0), position: positionOf(id), version: versionOf(id) },
    ...(headers !== '' && { headers: headersIn(headers) }),
    ...(text('m') === '1' && { isSplit: true }),
  };
}

function headersText(headers: LogEntry['headers']): string {
  if (headers === undefined) return '';
  const texts = Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  return JSON.stringify(Object.fromEntries(texts));
}

function headersIn(text: string): NonNullable<LogEntry['headers']> {
  const texts = JSON.parse(text) as Readonly<Record<string, string>>;
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, Buffer.from(value, 'base64')]));
}

import { createHash } from 'node:crypto';
import { isRecordId } from './soql.js';

/** A place in the results of a job. */
export interface JobPlace {
  readonly job: string;
  /** The locator of a piece of the results; `undefined` for the first one. */
  readonly locator: string | undefined;
  /** Most records of that piece, as it was asked for. */
  readonly most: number;
  /** How many records of the piece were read. */
  readonly row: number;
}

/** Where a page begins. */
export type PagePlace =
  /** After a record in the order of ids, or before the first one. */
  { readonly type: 'rest'; readonly after: string | undefined } | { readonly type: 'bulk'; readonly place: JobPlace };

/** What was asked for: pages of another question do not fit. */
export interface Question {
  readonly entity: string;
  readonly where: string | undefined;
  readonly fields: readonly string[] | undefined;
  readonly apiVersion: string;
}

/** A short text that differs where the question does. It shows nothing of the condition, which may hold values. */
export function markOf({ entity, where, fields, apiVersion }: Question): string {
  const text = JSON.stringify([entity, where, fields, apiVersion]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

/** A place as a text that can be stored. */
export function formatCursor(mark: string, place: PagePlace): string {
  if (place.type === 'rest') return JSON.stringify({ of: mark, after: place.after });
  const { job, locator, most, row } = place.place;
  return JSON.stringify({ of: mark, job, ...(locator !== undefined && { locator }), most, row });
}

/** Reads a stored place; `undefined` where it is of another question, or none. */
export function parseCursor(mark: string, cursor: string): PagePlace | undefined {
  const { of: ofMark, after, job, locator, most, row } = objectIn(cursor);
  if (ofMark !== mark) return undefined;
  if (job === undefined && (after === undefined || isRecordId(after))) return { type: 'rest', after };
  if (!isRecordId(job) || !isCount(most) || !isCount(row)) return undefined;
  if (locator !== undefined && typeof locator !== 'string') return undefined;
  return { type: 'bulk', place: { job, locator, most, row } };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

import type { Observable } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core';
import type { DeliverySink } from '@rxforce/core/delivery-source';
import type { RowPage, RowSource } from '../reading/page-source.js';
import { surelyBefore, type KnownRows } from './known-rows.js';
import { PagesInWork, type PageInWork } from './pages-in-work.js';
import { checkEnded, firstBeforeEnd, ReadingEnded } from './reading-ended.js';
import { rowEvent } from './row-event.js';

/** The sink of rows. Each knows its page. */
export type RowSink<T> = DeliverySink<ChangeEvent<T>, PageInWork>;

/** What the reading of one object needs. */
export interface EntityReadingParts<T> {
  readonly entity: string;
  readonly topic: string;
  readonly source: RowSource<T>;
  readonly sink: RowSink<T>;
  readonly known: KnownRows;
  /** When the snapshot began, in epoch milliseconds. */
  readonly startedAt: number;
  /** Aborted when nothing more is to be read. */
  readonly signal: AbortSignal;
  /** A page was read. Throws where the reading may not go on. */
  readonly pageRead: (page: RowPage<T>) => void;
  /** Everything up to this cursor is settled. */
  readonly passed: (cursor: string, rows: number) => void;
  /** Whether another replica reads by now. */
  readonly isLost: () => boolean;
}

/**
 * Reads the records of one object, page by page, and delivers each. The next page is asked for while one is delivered.
 *
 * @param cursor - Where to begin.
 * @returns Resolves once all rows are settled.
 */
export async function readEntity<T>(parts: EntityReadingParts<T>, cursor: string | undefined): Promise<void> {
  const { source, pageRead, signal } = parts;
  const pages = new PagesInWork(parts.passed, parts.isLost);
  let next: Promise<RowPage<T>> | undefined = ask(source.page(cursor), signal);
  while (next !== undefined) {
    const page: RowPage<T> = await next;
    pageRead(page);
    checkEnded(signal);
    next = page.isLast ? undefined : ask(source.page(page.cursor), signal);
    await deliver(parts, page, pages.open(page.cursor, page.rows.length));
  }
  // Operators that collect must not wait for more records: the events wait for these.
  parts.sink.quiet();
  await pages.allSettled();
}

/** Asks for a page. Its failure is reported when the page is waited for. */
function ask<T>(page$: Observable<RowPage<T>>, signal: AbortSignal): Promise<RowPage<T>> {
  const page = firstBeforeEnd(page$, signal);
  page.catch(() => undefined);
  return page;
}

async function deliver<T>(parts: EntityReadingParts<T>, page: RowPage<T>, work: PageInWork): Promise<void> {
  const { sink, known, startedAt, source, entity, topic, signal } = parts;
  const origin = { entity, topic, schemaId: source.schemaId, startedAt, asOf: surelyBefore(startedAt) };
  for (let at = 0; at < page.rows.length;) {
    const room = await sink.room();
    if (room === 0 || signal.aborted) throw new ReadingEnded();
    const rows = page.rows.slice(at, at + room);
    at += rows.length;
    for (const row of rows) {
      known.note(row, startedAt);
      work.delivered();
      sink.deliver(rowEvent(row, origin), work);
      if (sink.closed) throw new ReadingEnded();
    }
  }
  work.complete();
}

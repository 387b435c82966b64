import type { QueryRow } from './queryable.js';

type Fits = (row: QueryRow) => boolean;

/** How many rows are collected beyond those that are wanted, before the last ones are dropped. */
const SPARE_ROWS = 1_000;

/** The first rows that fit. No more are read. */
export function firstRows(rows: Iterable<QueryRow>, fits: Fits, most: number): QueryRow[] {
  const found: QueryRow[] = [];
  if (most === 0) return found;
  for (const row of rows) {
    if (fits(row) && found.push(row) >= most) break;
  }
  return found;
}

/**
 * The first rows of an order that fit. Rows that are equal keep their order. Of many rows, only about twice as many as
 * are wanted are kept and sorted at a time.
 */
export function firstInOrder(
  rows: Iterable<QueryRow>,
  fits: Fits,
  order: (a: QueryRow, b: QueryRow) => number,
  most: number,
): QueryRow[] {
  const found: QueryRow[] = [];
  for (const row of rows) {
    if (!fits(row)) continue;
    found.push(row);
    if (found.length >= 2 * most + SPARE_ROWS) found.sort(order).splice(most);
  }
  return found.sort(order).slice(0, most);
}

import type { Row } from '../engine/database.js';

/** The place of a letter in the order of a queue. */
export interface Place {
  /** When it failed last, in epoch milliseconds. */
  readonly failedAt: number;
  /** Counts the letters that were put. */
  readonly number: bigint;
}

/** A letter, as the table has it. */
export interface LetterRow extends Place {
  readonly id: string;
  /** The number when its id was first put. */
  readonly since: bigint;
  readonly letter: string;
}

/** The place before all letters. */
export const START: Place = { failedAt: -Infinity, number: 0n };

/** The columns of a `LetterRow`. Large numbers come as texts. */
export const LETTER_COLUMNS =
  '"id", "failed_at", CAST("number" AS text) AS number, CAST("since" AS text) AS since, "letter"';

/** Reads a row of `LETTER_COLUMNS`. */
export function letterRow(row: Row): LetterRow {
  return {
    id: String(row.id),
    failedAt: Number(row.failed_at),
    number: BigInt(String(row.number)),
    since: BigInt(String(row.since)),
    letter: String(row.letter),
  };
}

/** The service's error code for a query that it does not run. */
export type SoqlErrorCode =
  'MALFORMED_QUERY' | 'INVALID_FIELD' | 'INVALID_TYPE' | 'INVALID_QUERY_FILTER_OPERATOR' | 'NUMBER_OUTSIDE_VALID_RANGE';

/** How many characters of the query are shown on each side of the place. */
const SHOWN_BEFORE = 50;
const SHOWN_BEHIND = 30;

/** A query that cannot be run. It never leaves the emulator: clients get its code and message. */
export class SoqlError extends Error {
  override readonly name = 'SoqlError';
  readonly errorCode: SoqlErrorCode;
  /** Where in the query's text, counted from 0; `undefined` when it has no place. */
  readonly at: number | undefined;

  constructor(errorCode: SoqlErrorCode, message: string, at?: number) {
    super(message);
    this.errorCode = errorCode;
    this.at = at;
  }

  /** The message as the service words it: the piece of the query, an arrow to the place, its row and column. */
  describe(query: string): string {
    if (this.at === undefined) return this.message;
    const rowStart = query.lastIndexOf('\n', this.at - 1) + 1;
    const row = query.slice(0, rowStart).split('\n').length;
    const column = this.at - rowStart + 1;
    const shownFrom = Math.max(rowStart, this.at - SHOWN_BEFORE);
    const shown = query.slice(shownFrom, this.at + SHOWN_BEHIND).split('\n')[0] ?? '';
    const arrow = `${' '.repeat(this.at - shownFrom)}^`;
    return `\n${shown}\n${arrow}\nERROR at Row:${row}:Column:${column}\n${this.message}`;
  }
}

/** A query whose text is not SOQL. */
export function malformed(message: string, at: number): SoqlError {
  return new SoqlError('MALFORMED_QUERY', message, at);
}

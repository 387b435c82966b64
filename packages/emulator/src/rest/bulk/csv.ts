import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { RestProblem } from '../rest-problem.js';
import { reasonOf } from '@rxforce/core/internal';

/** How a job's tables are written. */
export interface CsvFormat {
  /** Salesforce's name of the delimiter. */
  readonly columnDelimiter: keyof typeof DELIMITERS;
  readonly lineEnding: 'LF' | 'CRLF';
}

/** The delimiters, by Salesforce's names. */
export const DELIMITERS = { COMMA: ',', TAB: '\t', PIPE: '|', SEMICOLON: ';', CARET: '^', BACKQUOTE: '`' } as const;

/** A row of a table, by the names of its columns. */
export type CsvRow = Readonly<Record<string, string>>;

/**
 * Reads a table whose first row has the names of its columns.
 *
 * @throws {@link RestProblem} when it is not a table.
 */
export function rowsOf(text: string, { columnDelimiter }: CsvFormat): CsvRow[] {
  try {
    const options = {
      columns: true,
      bom: true,
      skip_empty_lines: true,
      delimiter: DELIMITERS[columnDelimiter],
    } as const;
    return parse<CsvRow>(text, options);
  } catch (error) {
    const message = `The data is no CSV: ${reasonOf(error)}`;
    throw new RestProblem(400, 'InvalidBatch', message);
  }
}

/**
 * Writes a table, its first row the names of its columns, every value in quotes, even where there is none.
 *
 * @param rows - Each by the names of the columns, or as a list in their order.
 */
export function csvOf(columns: readonly string[], rows: readonly object[], format: CsvFormat): string {
  return stringify([...rows], {
    columns: [...columns],
    header: true,
    quoted: true,
    quoted_empty: true,
    delimiter: DELIMITERS[format.columnDelimiter],
    record_delimiter: format.lineEnding === 'CRLF' ? '\r\n' : '\n',
    cast: { boolean: String },
  });
}

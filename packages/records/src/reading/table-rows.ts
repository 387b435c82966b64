import { CsvError, parse, type Parser } from 'csv-parse';
import { ProtocolError } from '@rxforce/core/model';

/** Bytes that are parsed at a time: the rest waits as bytes, which take the least memory. */
const SLICE_BYTES = 65_536;

/** The rows of a table in CSV, parsed as they are asked for. */
export class TableRows {
  private readonly parser: Parser = parse({ bom: true });
  private position = 0;
  private isEnded = false;
  private rows: readonly (readonly string[])[] = [];
  private at = 0;

  constructor(private readonly body: Uint8Array) {
    // The code that waits for rows gets the error.
    this.parser.on('error', () => undefined);
  }

  /**
   * The next row, if it is parsed already; `undefined` says that {@link more} comes first, or that the table is over.
   */
  next(): readonly string[] | undefined {
    return this.rows[this.at++];
  }

  /**
   * Parses more, unless there are rows that are parsed already.
   *
   * @returns Whether there is a next row.
   * @throws `ProtocolError` when it is no table.
   */
  async more(): Promise<boolean> {
    while (this.at >= this.rows.length) {
      if (this.isEnded) return false;
      this.rows = await this.parsed();
      this.at = 0;
    }
    return true;
  }

  private async parsed(): Promise<readonly (readonly string[])[]> {
    const rows: string[][] = [];
    const drain = () => {
      for (let row = this.parser.read() as string[] | null; row !== null; row = this.parser.read() as string[] | null) {
        rows.push(row);
      }
    };
    try {
      const fed = this.feed();
      // The parser takes the next bytes only when it has got rid of its rows.
      drain();
      await fed;
      drain();
    } catch (cause) {
      // Its message, and what it carries, may hold values.
      const code = cause instanceof CsvError ? cause.code : 'it cannot be read';
      throw new ProtocolError(`The org sent results of a job that are no table: ${code}.`);
    }
    return rows;
  }

  private feed(): Promise<void> {
    const from = this.position;
    this.position += SLICE_BYTES;
    return new Promise((resolve, reject) => {
      const done = (error?: Error | null) => (error ? reject(error) : resolve());
      if (from < this.body.byteLength) {
        this.parser.write(this.body.subarray(from, this.position), done);
      } else {
        this.isEnded = true;
        this.parser.end(done);
      }
    });
  }
}

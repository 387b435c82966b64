import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { ConnectionError, ProtocolError } from '@rxforce/core/model';
import { byPlace, type RecordForm } from '../form/record-form.js';
import type { Cells } from '../form/field-forms.js';
import type { Row } from './row.js';

/** Bytes that are parsed at a time: the rest waits as bytes, which take the least memory. */
const SLICE_BYTES = 65_536;

/** A piece of a job's results, whose records are read as they are asked for. */
export class JobResults<T> {
  /** Bytes of the piece. */
  readonly bytes: number;
  /** The locator of the next piece, if there is one. */
  readonly next: string | undefined;
  /** Records that were read so far. */
  private count = 0;
  private readonly cells: AsyncIterator<readonly string[]>;
  private ahead: IteratorResult<readonly string[]> | undefined;
  private toRow: ((cells: Cells) => Row<T>) | undefined;
  private readonly promised: number | undefined;

  constructor(
    body: Uint8Array,
    headers: Headers,
    private readonly form: RecordForm<T>,
  ) {
    this.bytes = body.byteLength;
    const locator = headers.get('sforce-locator');
    this.next = locator === null || locator === 'null' || locator === '' ? undefined : locator;
    const records = headers.get('sforce-numberofrecords');
    this.promised = records === null ? undefined : Number(records);
    const parser = Readable.from(slicesOf(body)).pipe(parse({ bom: true }));
    this.cells = parser[Symbol.asyncIterator]() as AsyncIterator<readonly string[]>;
  }

  /** Records of the piece that were read. */
  get read(): number {
    return this.count;
  }

  /** Reads over some records. */
  async skip(records: number): Promise<void> {
    for (let left = records; left > 0 && !(await this.isOver()); left--) await this.nextCells();
  }

  /** Reads the next records: fewer at the end. */
  async take(most: number): Promise<Row<T>[]> {
    const rows: Row<T>[] = [];
    while (rows.length < most && !(await this.isOver())) {
      const cells = await this.nextCells();
      if (this.toRow !== undefined && cells !== undefined) rows.push(this.toRow(cells as unknown as Cells));
    }
    return rows;
  }

  /**
   * Whether all records were read.
   *
   * @throws `ConnectionError` when there are fewer than the org said.
   */
  async isOver(): Promise<boolean> {
    if (this.toRow === undefined) await this.readHeader();
    this.ahead ??= await this.step();
    if (this.ahead.done !== true) return false;
    if (this.promised !== undefined && this.count < this.promised) {
      throw new ConnectionError(`The results of a job broke off after ${this.count} of ${this.promised} records.`);
    }
    return true;
  }

  private async readHeader(): Promise<void> {
    const header = await this.step();
    if (header.done === true) {
      this.ahead = header;
    } else {
      this.toRow = this.form.reader(byPlace(header.value));
    }
  }

  private async nextCells(): Promise<readonly string[] | undefined> {
    const step = this.ahead ?? (await this.step());
    this.ahead = undefined;
    if (step.done === true) return undefined;
    this.count++;
    return step.value;
  }

  private async step(): Promise<IteratorResult<readonly string[]>> {
    try {
      return await this.cells.next();
    } catch (cause) {
      // Its message, and what it carries, may hold values.
      const code = cause instanceof CsvError ? cause.code : 'it cannot be read';
      throw new ProtocolError(`The org sent results of a job that are no table: ${code}.`);
    }
  }
}

function* slicesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < body.byteLength; from += SLICE_BYTES) yield body.subarray(from, from + SLICE_BYTES);
}

import { ConnectionError } from '@rxforce/core/model';
import type { Cells } from '../form/field-forms.js';
import { byPlace, type RecordForm } from '../form/record-form.js';
import type { Row } from './row.js';
import { TableRows } from './table-rows.js';

/** A piece of a job's results, whose records are read as they are asked for. */
export class JobResults<T> {
  /** Bytes of the piece. */
  readonly bytes: number;
  /** The locator of the next piece, if there is one. */
  readonly next: string | undefined;
  /** How many records the org says that there are. */
  private readonly promised: number | undefined;
  private readonly table: TableRows;
  private count = 0;
  private toRow: ((cells: Cells) => Row<T>) | undefined;

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
    this.table = new TableRows(body);
  }

  /** Records of the piece that were read. */
  get read(): number {
    return this.count;
  }

  /** Reads over some records. */
  async skip(records: number): Promise<void> {
    for (let left = records; left > 0; left--) {
      if ((await this.cells()) === undefined) return;
    }
  }

  /** Reads the next records: fewer at the end. */
  async take(most: number): Promise<Row<T>[]> {
    const rows: Row<T>[] = [];
    while (rows.length < most) {
      // Most rows are there, and a promise for each of them would take longer than to parse it.
      const cells = this.parsed() ?? (await this.cells());
      if (cells === undefined || this.toRow === undefined) break;
      rows.push(this.toRow(cells as unknown as Cells));
    }
    return rows;
  }

  /**
   * Whether all records were read.
   *
   * @throws `ConnectionError` when there are fewer than the org said.
   */
  async isOver(): Promise<boolean> {
    await this.readHead();
    if (await this.table.more()) return false;
    if (this.promised !== undefined && this.count < this.promised) {
      throw new ConnectionError(`The results of a job broke off after ${this.count} of ${this.promised} records.`);
    }
    return true;
  }

  private async cells(): Promise<readonly string[] | undefined> {
    return (await this.isOver()) ? undefined : this.parsed();
  }

  private parsed(): readonly string[] | undefined {
    if (this.toRow === undefined) return undefined;
    const cells = this.table.next();
    if (cells !== undefined) this.count++;
    return cells;
  }

  private async readHead(): Promise<void> {
    if (this.toRow !== undefined || !(await this.table.more())) return;
    this.toRow = this.form.reader(byPlace(this.table.next() ?? []));
  }
}

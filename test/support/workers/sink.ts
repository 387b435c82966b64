import { AppendedLines } from '../appended-lines.js';
import type { Written } from './worker-process.js';

/** What workers have written, and what they should have. */
export class Sink {
  readonly lines: Written[] = [];
  /** The values that each record was given, in order. */
  private readonly given = new Map<string, number[]>();
  private readonly written = new Map<string, Set<number>>();
  private readonly file: AppendedLines;
  /** How many values were given and are not written. */
  private left = 0;
  readonly skipped: Written[] = [];
  /** How many lines were there before. */
  again = 0;

  constructor(file: string) {
    this.file = new AppendedLines(file);
  }

  /** Some records were given this value. */
  gave(recordIds: readonly string[], value: number): void {
    for (const recordId of recordIds) {
      const values = this.given.get(recordId) ?? [];
      this.given.set(recordId, values);
      values.push(value);
      this.left++;
    }
  }

  /** Reads what is new. Workers only append, so each line is read once. Returns how many values are still missing. */
  missing(): number {
    this.file.next().forEach((line) => this.take(JSON.parse(line) as Written));
    return this.left;
  }

  /** The records whose newest version has another value than the one they were given last. */
  wrongAtEnd(): readonly string[] {
    const last = new Map<string, Written>();
    for (const line of this.lines) {
      const known = last.get(line.recordId);
      if (known === undefined || BigInt(line.version) > BigInt(known.version)) last.set(line.recordId, line);
    }
    return [...this.given].filter(([id, values]) => last.get(id)?.value !== values.at(-1)).map(([id]) => id);
  }

  /** How many records would end wrong in a table that takes each line, whatever its version. */
  wrongWithoutVersions(): number {
    const last = new Map(this.lines.map(({ recordId, value }) => [recordId, value]));
    return [...this.given].filter(([id, values]) => last.get(id) !== values.at(-1)).length;
  }

  /** The versions of records that do not grow with their values. */
  versionsOutOfOrder(): readonly Written[] {
    const versions = new Map<string, Map<number, bigint>>();
    for (const { recordId, value, version } of this.lines) {
      const known = versions.get(recordId) ?? new Map<number, bigint>();
      versions.set(recordId, known.set(value, BigInt(version)));
    }
    return this.lines.filter(({ recordId, value, version }) => {
      const values = this.given.get(recordId) ?? [];
      const before = versions.get(recordId)?.get(values[values.indexOf(value) - 1] ?? -1);
      return before !== undefined && BigInt(version) <= before;
    });
  }

  private take(line: Written): void {
    this.lines.push(line);
    const { recordId, value } = line;
    const values = this.given.get(recordId) ?? [];
    const written = this.written.get(recordId) ?? new Set<number>();
    this.written.set(recordId, written);
    if (written.has(value)) {
      this.again++;
      return;
    }
    const index = values.indexOf(value);
    if (index < 0 || (index > 0 && !written.has(values[index - 1] ?? -1))) this.skipped.push(line);
    written.add(value);
    this.left--;
  }
}

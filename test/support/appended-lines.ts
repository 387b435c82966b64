import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What stands behind each line, so that one which a kill has torn is told from a whole one. */
const END = '\u0003';

/**
 * Appends lines to a file, in one write. A process that is killed within it leaves a part of it, and others may go on
 * writing to the file: so the write begins on a line of its own.
 */
export function appendLines(file: string, lines: readonly string[]): void {
  appendFileSync(file, ['', ...lines.map((line) => `${line}${END}`), ''].join('\n'));
}

/** Reads what was appended to a file, each line once. */
export class AppendedLines {
  /** How many bytes of the file were read. */
  size = 0;

  constructor(private readonly file: string) {}

  /**
   * The whole lines that are new since the last call. Those that were torn are left out: who wrote them knew nothing of
   * it.
   */
  next(): string[] {
    const bytes = readFrom(this.file, this.size);
    const end = bytes.lastIndexOf('\n') + 1;
    const lines = bytes.subarray(0, end).toString().split('\n');
    this.size += end;
    return lines.filter((line) => line.endsWith(END)).map((line) => line.slice(0, -END.length));
  }
}

/** What stands in a file from a place on: some are asked for new lines every 10 ms, and become long. */
function readFrom(file: string, start: number): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(fstatSync(descriptor).size - start);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start));
  } finally {
    closeSync(descriptor);
  }
}

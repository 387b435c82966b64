import { appendFileSync, readFileSync } from 'node:fs';

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
    const bytes = readIfThere(this.file);
    const end = bytes.lastIndexOf('\n') + 1;
    const lines = bytes.subarray(this.size, end).toString().split('\n');
    this.size = end;
    return lines.filter((line) => line.endsWith(END)).map((line) => line.slice(0, -END.length));
  }
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

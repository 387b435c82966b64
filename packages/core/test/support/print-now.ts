import { writeSync } from 'node:fs';

/** Prints a line on stdout at once: it outlives the process, even if that is killed right after. */
export function printNow(line: string): void {
  let rest = Buffer.from(`${line}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The pipe is full until the parent reads on.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Mark } from './things.js';

/** What happened in a pipeline. */
export type PipelineNote =
  | { readonly type: 'begun' | 'done'; readonly pipeline: string; readonly marks: readonly Mark[] }
  | { readonly type: 'completed'; readonly pipeline: string }
  /** A position became durable: a replay id, or a time. */
  | { readonly type: 'position'; readonly pipeline: string; readonly position: string }
  /** What the library said to the pipeline's subscriber, or to nobody. */
  | { readonly type: 'error'; readonly pipeline: string; readonly code: string; readonly message: string }
  /** What the library said to the logger. */
  | { readonly type: 'warning'; readonly pipeline: string; readonly message: string };

/** What a process tells: also how much has passed since its start, in milliseconds of the library's clock. */
export type Note = PipelineNote | { readonly type: 'passed'; readonly ms: number };

/** Writes a note into the pipe to the parent. It outlives the process from here on. */
export function note(what: Note): void {
  let rest = Buffer.from(`${JSON.stringify(what)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The pipe is full until the parent reads on.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

/** Reads the notes of a process as they come. */
export class Journal {
  private text = '';

  constructor(pipe: Readable) {
    pipe.setEncoding('utf8').on('data', (text: string) => (this.text += text));
  }

  /** The notes since the last call. A line that is not whole yet waits. */
  read(): Note[] {
    const lines = this.text.split('\n');
    this.text = lines.pop() ?? '';
    return lines.map((line) => JSON.parse(line) as Note);
  }
}

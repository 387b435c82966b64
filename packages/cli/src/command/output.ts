import type { Writable } from 'node:stream';

/** Standard output cannot be written: its reader is gone, or its disk is full. */
export class OutputError extends Error {
  override readonly name = 'OutputError';

  constructor(
    /** What the system says, such as `EPIPE` or `ENOSPC`. */
    readonly code: string,
    options: ErrorOptions,
  ) {
    super(`standard output cannot be written (${code}).`, options);
  }

  /** Whether an error says that the reader has seen enough, as `head` does. */
  static isReaderGone(error: unknown): boolean {
    return error instanceof OutputError && error.code === 'EPIPE';
  }
}

/**
 * Writes to standard output, and waits while its reader is slower.
 *
 * @throws rejects with an `OutputError` when it cannot be written.
 */
export function written(stdout: Writable, text: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    stdout.write(text, (error) => (error ? reject(error) : resolve()));
  }).catch((cause: unknown) => {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new OutputError(code, { cause });
  });
}

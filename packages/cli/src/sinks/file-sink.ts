import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { jsonLinesOf } from './event-json.js';
import { SinkError, type Sink } from './sink.js';

/** How a file sink writes. */
export interface FileSinkOptions {
  readonly path: string;
  readonly max_bytes: number;
  readonly keep: number;
}

/**
 * Adds lines of JSON to a file. They are on the disk when a write resolves. A file that is long enough is renamed to
 * `path.1`, and a new one is begun. A line that a crash has cut off stays as it is; the next line begins anew. The
 * directory of the file is made, where it is missing and its parent is there.
 */
export function fileSink(options: FileSinkOptions): Sink {
  const lines = new LineFile({ ...options, path: resolve(options.path) });
  return {
    write: (events) => lines.add(jsonLinesOf(events)),
    check: () => lines.add('').catch(atStart),
    close: () => lines.close(),
  };
}

interface Waiting {
  readonly text: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

class LineFile {
  private waiting: Waiting[] = [];
  private work: Promise<void> | undefined;
  private handle: FileHandle | undefined;
  private size = 0;

  constructor(private readonly options: FileSinkOptions) {}

  /** What comes while the disk is at work is written together after it. */
  add(text: string): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ text, done, failed });
      this.work ??= this.writeAll();
    });
  }

  async close(): Promise<void> {
    await this.work;
    await this.handle?.close();
    this.handle = undefined;
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const together = this.waiting;
      this.waiting = [];
      try {
        await this.write(together.map(({ text }) => text).join(''));
        together.forEach(({ done }) => done());
      } catch (cause) {
        await this.handle?.close().catch(() => undefined);
        this.handle = undefined;
        const error = failureOf(this.options.path, cause);
        together.forEach(({ failed }) => failed(error));
      }
    }
    // In the same turn as the look above: what comes after it begins anew.
    this.work = undefined;
  }

  private async write(text: string): Promise<void> {
    if (this.handle && this.size > 0 && this.size + Buffer.byteLength(text) > this.options.max_bytes) {
      await this.rotate();
    }
    this.handle ??= await this.open();
    if (text === '') return;
    await this.handle.writeFile(text);
    await this.handle.datasync();
    this.size += Buffer.byteLength(text);
  }

  private async open(): Promise<FileHandle> {
    const { path } = this.options;
    await makeDirectory(dirname(path));
    const handle = await open(path, 'a+', 0o600);
    this.size = (await handle.stat()).size;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(this.size - 1, 0));
    if (bytesRead === 1 && buffer.toString() !== '\n') await handle.writeFile('\n');
    return handle;
  }

  private async rotate(): Promise<void> {
    const { path, keep } = this.options;
    await this.handle?.close();
    this.handle = undefined;
    await rm(`${path}.${keep}`, { force: true });
    for (let number = keep - 1; number >= 0; number -= 1) {
      const from = number === 0 ? path : `${path}.${number}`;
      await rename(from, `${path}.${number + 1}`).catch(ignoreMissing);
    }
  }
}

/** Makes the last directory of a path alone: of a misspelt path, or of a disk that is not there, nothing is made. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
}

/** Whatever it is, the next event would fail, too. */
function failureOf(path: string, cause: unknown): SinkError {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT'
      ? `${path} cannot be written: there is no directory ${dirname(dirname(path))}. Make it, or correct the path.`
      : `${path} cannot be written (${code}).`;
  return new SinkError(why, { cause, outage: true });
}

/** A directory that is not there at the start is a misspelt one, as a rule. */
function atStart(error: SinkError): never {
  const { code } = Object(error.cause) as NodeJS.ErrnoException;
  throw code === 'ENOENT' ? new SinkError(error.message, { retriable: false, cause: error.cause }) : error;
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

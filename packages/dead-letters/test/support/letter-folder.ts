import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sinon from 'sinon';
import type { DeadLetterQueue } from '../../src/dead-letter-queue.js';
import { fileDeadLetterQueue } from '../../src/file-dead-letter-queue.js';

/** A folder for each test of a suite, and a queue in it. */
export interface LetterFolder {
  directory: string;
  queue: DeadLetterQueue;
  /** The names of its files, in order. */
  readonly files: (where?: string) => string[];
  readonly pathOf: (index: number) => string;
  /** Another queue in the same folder. */
  readonly again: () => DeadLetterQueue;
}

/** Gives each test of a suite a folder, which is gone after it, as are all stubs. */
export function letterFolder(): LetterFolder {
  const files = (where = folder.directory) => readdirSync(where).sort();
  const folder = {
    directory: '',
    files,
    pathOf: (index: number) => join(folder.directory, files()[index]!),
    again: () => fileDeadLetterQueue(folder.directory),
  } as LetterFolder;
  beforeEach(() => {
    folder.directory = mkdtempSync(join(tmpdir(), 'rxforce-letters-'));
    folder.queue = fileDeadLetterQueue(folder.directory);
  });
  afterEach(() => {
    sinon.restore();
    rmSync(folder.directory, { recursive: true, force: true });
  });
  return folder;
}

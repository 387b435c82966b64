import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadLetterQueueContract } from '../testing/index.js';
import { fileDeadLetterQueue } from './file-dead-letter-queue.js';

describe('fileDeadLetterQueue', () => {
  let directory = '';

  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'rxforce-letters-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  for (const maxFileBytes of [undefined, 1, 2_000]) {
    describe(`keeps the contract${maxFileBytes === undefined ? '' : `, with files of ${maxFileBytes} bytes`}:`, () => {
      const open = () => fileDeadLetterQueue(directory, maxFileBytes === undefined ? {} : { maxFileBytes });
      for (const { name, run } of deadLetterQueueContract({ open, reopen: open })) it(name, run);
    });
  }
});

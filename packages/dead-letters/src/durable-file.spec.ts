import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DeadLetterQueueError } from '@rxforce/core/model';
import { errorWith } from '../../core/test/support/error-with.js';
import { fileFailure, ifThere, syncFile } from './durable-file.js';

describe("A dead-letter queue's file error", () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO', 'ESTALE', 'EBUSY', 'ENOENT']) {
    it(`may pass, when it is ${code}`, () => {
      expect(fileFailure('Writing', '/x', errorWith(code))).to.include({ code: 'dead-letter-queue', retriable: true });
    });
  }

  for (const code of ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENAMETOOLONG', 'ELOOP']) {
    it(`does not pass, when it is ${code}`, () => {
      expect(fileFailure('Writing', '/x', errorWith(code))).to.include({ code: 'dead-letter-queue', retriable: false });
    });
  }

  it('does not pass, when it is none', () => {
    expect(fileFailure('Writing', '/x', new RangeError('too long'))).to.include({ retriable: false });
    expect(fileFailure('Writing', '/x', 'text').message).to.include('text');
  });

  it('says what failed, where, why, and what to do', () => {
    const cause = errorWith('ENOSPC');
    const error = fileFailure('Writing dead letters', '/failed/x.jsonl', cause);
    expect(error.message).to.equal(
      'Writing dead letters failed at /failed/x.jsonl: ENOSPC: something happened. The disk is full: free some space.',
    );
    expect(error.cause).to.equal(cause);
  });

  it("stays what it is, when it is the queue's already", () => {
    const error = new DeadLetterQueueError('no');
    expect(fileFailure('Writing', '/x', error)).to.equal(error);
  });
});

describe("A dead-letter queue's file", () => {
  let directory = '';

  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'rxforce-durable-'))));

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('is undefined, when it is missing, and nothing else', async () => {
    expect(await ifThere(stat(join(directory, 'none')))).to.equal(undefined);
    expect(await ifThere(stat(directory))).to.have.property('size');
    writeFileSync(join(directory, 'file'), '');
    expect(await ifThere(stat(join(directory, 'file', 'below'))).catch((error: unknown) => error)).to.include({
      code: 'ENOTDIR',
    });
  });

  it('is synced as it is', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, 'text');
    await syncFile(path);
    expect(readFileSync(path, 'utf8')).to.equal('text');
    expect(await syncFile(join(directory, 'none')).catch((error: unknown) => error)).to.include({ code: 'ENOENT' });
  });
});

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { DeadLetterQueueError } from '@rxforce/core/model';
import { fileFailure, ifThere, makeDirectory, syncDirectory, syncFile } from './durable-file.js';

const errorWith = (code: string) => Object.assign(new Error(`${code}: something happened`), { code });

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
    sinon.restore();
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

  it('has its directory made by several at the same time', async () => {
    const path = join(directory, 'a', 'b', 'c');
    await Promise.all([makeDirectory(path), makeDirectory(path), makeDirectory(join(directory, 'a'))]);
    expect(existsSync(path)).to.equal(true);
  });

  it('is synced as it is', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, 'text');
    await syncFile(path);
    expect(readFileSync(path, 'utf8')).to.equal('text');
    expect(await syncFile(join(directory, 'none')).catch((error: unknown) => error)).to.include({ code: 'ENOENT' });
  });

  it('is in a directory that cannot be synced, on some file systems', async () => {
    const handle = await open(directory, 'r');
    const sync = sinon.stub(Object.getPrototypeOf(handle) as typeof handle, 'sync');
    await handle.close();
    sync.rejects(errorWith('EINVAL'));
    await syncDirectory(directory);
    sync.rejects(errorWith('EIO'));
    expect(await syncDirectory(directory).catch((error: unknown) => error)).to.include({ code: 'EIO' });
  });
});

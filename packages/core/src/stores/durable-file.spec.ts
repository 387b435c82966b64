import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fileFailure, makeDirectory, writeDurably } from './durable-file.js';

const errorWith = (code: string) => Object.assign(new Error(`${code}: something happened`), { code });

describe("A file system's error", () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO', 'ESTALE', 'EBUSY', 'ENOENT']) {
    it(`may pass, when it is ${code}`, () => {
      expect(fileFailure('Saving', '/x', errorWith(code))).to.include({ code: 'replay-store', retriable: true });
    });
  }

  for (const code of ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENAMETOOLONG', 'ELOOP']) {
    it(`does not pass, when it is ${code}`, () => {
      expect(fileFailure('Saving', '/x', errorWith(code))).to.include({ code: 'replay-store', retriable: false });
    });
  }

  it('does not pass, when it is none', () => {
    expect(fileFailure('Saving', '/x', new RangeError('no time'))).to.include({ retriable: false });
    expect(fileFailure('Saving', '/x', 'text').message).to.include('text');
  });

  it('says what failed, where, why, and what to do', () => {
    const cause = errorWith('ENOSPC');
    const error = fileFailure('Saving a position', '/replay/x.json', cause);
    expect(error.message).to.equal(
      'Saving a position failed at /replay/x.json: ENOSPC: something happened. The disk is full: free some space.',
    );
    expect(error.cause).to.equal(cause);
  });
});

describe('A durable file', () => {
  let directory = '';

  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'rxforce-durable-'))));

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('replaces a longer one of its name', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, 'a longer text');
    await writeDurably(path, 'text');
    expect(readFileSync(path, 'utf8')).to.equal('text');
  });

  it('has its directory made by several at the same time', async () => {
    const path = join(directory, 'a', 'b', 'c');
    await Promise.all([makeDirectory(path), makeDirectory(path), makeDirectory(join(directory, 'a'))]);
    await writeDurably(join(path, 'file'), 'text');
  });
});

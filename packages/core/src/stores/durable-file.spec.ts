import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { errorWith } from '../../test/support/error-with.js';
import { fileFailure, writeDurably } from './durable-file.js';

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

  it("is its owner's alone", async () => {
    const path = join(directory, 'file');
    await writeDurably(path, 'text');
    expect(readFileSync(path, 'utf8')).to.equal('text');
    expect(statSync(path).mode & 0o777).to.equal(0o600);
  });

  it('is in the place of no other, nor where a link leads to', async () => {
    const [victim, link, dangling] = ['victim', 'link', 'dangling'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(victim, 'old');
    symlinkSync(victim, link);
    symlinkSync(join(directory, 'new'), dangling);
    for (const path of [victim, link, dangling]) {
      expect(await writeDurably(path, 'text').catch((error: unknown) => error)).to.include({ code: 'EEXIST' });
    }
    expect(readFileSync(victim, 'utf8')).to.equal('old');
    expect(readdirSync(directory)).not.to.include('new');
  });
});

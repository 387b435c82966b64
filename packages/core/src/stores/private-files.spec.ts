import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { errorWith } from '../../test/support/error-with.js';
import { adviceOn, EXISTING_FILE, makeDirectory, mayPass, syncDirectory } from './private-files.js';

const codeOfRejection = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('Private files', () => {
  let directory = '';

  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'rxforce-private-'))));

  afterEach(() => {
    sinon.restore();
    rmSync(directory, { recursive: true, force: true });
  });

  it("are in directories that are their owner's alone, and leave those that were there as they are", async () => {
    chmodSync(directory, 0o755);
    mkdirSync(join(directory, 'there'), { mode: 0o751 });
    await makeDirectory(join(directory, 'there', 'new', 'newer'));
    await makeDirectory(directory);
    expect(modeOf(directory)).to.equal('755');
    expect(modeOf(join(directory, 'there'))).to.equal('751');
    expect(modeOf(join(directory, 'there', 'new'))).to.equal('700');
    expect(modeOf(join(directory, 'there', 'new', 'newer'))).to.equal('700');
  });

  it('are in a directory that a link leads to', async () => {
    mkdirSync(join(directory, 'volume'));
    symlinkSync(join(directory, 'volume'), join(directory, 'link'));
    await makeDirectory(join(directory, 'link'));
    await makeDirectory(join(directory, 'link', 'below'));
    expect(existsSync(join(directory, 'volume', 'below'))).to.equal(true);
  });

  it('have their directory made by several at the same time', async () => {
    const path = join(directory, 'a', 'b', 'c');
    await Promise.all(Array.from({ length: 20 }, (_, index) => makeDirectory(index % 2 ? path : join(path, 'd'))));
    expect(existsSync(join(path, 'd'))).to.equal(true);
  });

  it('have no directory in the place of a file, below one, or behind a link to nowhere', async () => {
    writeFileSync(join(directory, 'file'), 'x');
    symlinkSync(join(directory, 'nowhere'), join(directory, 'link'));
    expect(await codeOfRejection(makeDirectory(join(directory, 'file')))).to.equal('EEXIST');
    expect(await codeOfRejection(makeDirectory(join(directory, 'file', 'below')))).to.equal('ENOTDIR');
    // It may lead somewhere later.
    expect(await codeOfRejection(makeDirectory(join(directory, 'link')))).to.equal('ENOENT');
  });

  it('have no directory, for good, on a file system that makes none', async function () {
    if (process.platform !== 'linux') this.skip();
    const error = await makeDirectory('/proc/rxforce/below').catch((thrown: unknown) => thrown);
    expect(mayPass(error)).to.equal(false);
    expect((error as Error).message).to.equal('/proc/rxforce cannot be made in /proc');
  });

  it('are written to where they are, and never behind a link', async () => {
    const [file, link, missing] = ['file', 'link', 'missing'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(file, 'old text');
    symlinkSync(file, link);
    await writeFile(file, 'new', { flag: EXISTING_FILE });
    expect(readFileSync(file, 'utf8')).to.equal('new text');
    expect(await codeOfRejection(writeFile(link, 'x', { flag: EXISTING_FILE }))).to.equal('ELOOP');
    expect(await codeOfRejection(writeFile(missing, 'x', { flag: EXISTING_FILE }))).to.equal('ENOENT');
    expect(readFileSync(file, 'utf8')).to.equal('new text');
  });

  it('are in a directory that cannot be synced, on some file systems', async () => {
    const handle = await open(directory, 'r');
    const sync = sinon.stub(Object.getPrototypeOf(handle) as typeof handle, 'sync');
    await handle.close();
    sync.rejects(errorWith('ENOTSUP'));
    await syncDirectory(directory);
    sync.rejects(errorWith('EIO'));
    expect(await codeOfRejection(syncDirectory(directory))).to.equal('EIO');
  });

  it('say what to do about an error, and whether it may pass', () => {
    const said = (code: string) => [mayPass(errorWith(code)), adviceOn(errorWith(code), '/x')];
    expect(said('ENOSPC')).to.deep.equal([true, 'The disk is full: free some space.']);
    expect(said('EBUSY')).to.deep.equal([true, 'Check /x.']);
    expect(said('ERR_FS_EISDIR')).to.deep.equal([false, 'A directory is in the place of the file: move it away.']);
    expect(said('ERR_INVALID_ARG_VALUE')).to.deep.equal([false, 'Check /x.']);
    if (process.platform !== 'win32') expect(said('EPERM')).to.deep.equal([false, said('EACCES')[1]]);
  });
});

import { appendFileSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { letterOf } from './testing/queue-kit.js';
import { formatDeadLetter } from './dead-letter-codec.js';
import { LetterDirectory } from './letter-directory.js';
import { nextName, openPath, sealedPath } from './letter-file.js';
import type { LetterRecord } from './letter-record.js';

const errorWith = (code: string) => Object.assign(new Error(`${code}: something happened`), { code });

describe('LetterDirectory', () => {
  let directory = '';
  let handle: FileHandle;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rxforce-letters-'));
    const file = await open(directory, 'r');
    handle = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
  });

  afterEach(() => {
    sinon.restore();
    rmSync(directory, { recursive: true, force: true });
  });

  const files = () => readdirSync(directory).sort();

  /** A process's view, up to date. */
  async function opened(maxFileBytes = 1_000_000): Promise<LetterDirectory> {
    const letters = new LetterDirectory(directory, maxFileBytes);
    await letters.refresh();
    return letters;
  }

  const putOf = ({ index }: LetterDirectory, id: string, more = 0): LetterRecord => ({
    type: 'put',
    more,
    id,
    lastFailedAt: 1,
    putAt: index.lastPutAt + 1,
    removes: index.placesOf([id]),
    letter: formatDeadLetter(letterOf(id)).unwrap(),
  });

  const removalOf = ({ index }: LetterDirectory, ...ids: string[]): LetterRecord => ({
    type: 'remove',
    removes: index.placesOf(ids),
  });

  const put = (letters: LetterDirectory, ...ids: string[]) => letters.append(ids.map((id) => putOf(letters, id)));
  const idsIn = ({ index }: LetterDirectory) => [...index.kept.inOrder()].map(({ id }) => id).sort();
  const idsOnDisk = async () => idsIn(await opened());

  it('goes on in a new file, when the one before has its size', async () => {
    const letters = await opened(1_000);
    for (let count = 0; count < 10; count++) await put(letters, `a${count}`);
    expect(files().length).to.be.within(3, 9);
    for (const name of files().slice(0, -1)) expect(statSync(join(directory, name)).size).to.be.at.least(1_000);
    expect(await idsOnDisk()).to.have.lengthOf(10);
  });

  it('removes letters of a younger file in a file that is younger still', async () => {
    const [one, other] = [await opened(), await opened()];
    await put(one, 'a');
    await other.refresh();
    await put(other, 'b');
    await one.refresh();
    await one.append([removalOf(one, 'b')]);
    expect(files()).to.have.lengthOf(3);
    await one.append([removalOf(one, 'a')]);
    expect(files()).to.have.lengthOf(3);
    await one.tidy();
    expect(files()).to.deep.equal([]);
  });

  it('reads what is new, and nothing twice', async () => {
    const [one, other] = [await opened(), await opened()];
    await put(one, 'a');
    await other.refresh();
    await put(one, 'b');
    const read = sinon.spy(handle, 'read');
    await other.refresh();
    await other.refresh();
    expect(idsIn(other)).to.deep.equal(['a', 'b']);
    const positions = read.args.map((args) => (args as unknown[])[3] as number);
    expect(positions)
      .to.have.lengthOf(2)
      .and.to.satisfy(() => positions.every((position) => position > 0));
  });

  it('reads nothing that it has written itself', async () => {
    const letters = await opened();
    await put(letters, 'a');
    const read = sinon.spy(handle, 'read');
    await letters.refresh();
    expect(read.callCount).to.equal(0);
  });

  it('has a new file in its directory on the disk, before it says so', async () => {
    const letters = await opened();
    const sync = sinon.spy(handle, 'sync');
    await put(letters, 'a');
    expect(sync.callCount).to.equal(1);
    await put(letters, 'b');
    expect(sync.callCount).to.equal(1);
  });

  it('knows at once that a file is gone to which another refers', async () => {
    const [one, other] = [await opened(), await opened()];
    await put(one, 'a');
    await other.refresh();
    await put(other, 'a');
    await other.tidy();
    const { files: known } = (await opened()).index;
    expect(known.map(({ refersTo }) => [...refersTo])).to.deep.equal([[]]);
  });

  describe('deletes', () => {
    it('a file whose letters are all removed, when that is on the disk', async () => {
      const [one, other] = [await opened(), await opened()];
      await put(one, 'a');
      await other.refresh();
      await other.append([putOf(other, 'a')]);
      const third = await opened();
      const sync = sinon.spy(handle, 'datasync');
      await third.tidy();
      expect(sync.callCount).to.equal(1);
      expect(files()).to.have.lengthOf(1);
      expect(await idsOnDisk()).to.deep.equal(['a']);
    });

    it('no file that says that letters of another one are removed, which is there', async () => {
      const [one, other] = [await opened(), await opened()];
      await put(one, 'a', 'b');
      await other.refresh();
      await other.append([removalOf(other, 'a')]);
      for (const each of [one, other, await opened()]) {
        await each.refresh();
        await each.tidy();
      }
      expect(files()).to.have.lengthOf(2);
      expect(await idsOnDisk()).to.deep.equal(['b']);
    });

    it('no file to which its writer has added since', async () => {
      const [one, other] = [await opened(), await opened()];
      await put(one, 'a');
      await one.append([removalOf(one, 'a')]);
      await other.refresh();
      await put(one, 'b');
      await other.tidy();
      expect(idsIn(other)).to.deep.equal(['b']);
      expect(await idsOnDisk()).to.deep.equal(['b']);
    });

    it('no file to which something was added since that cannot be read', async () => {
      const [one, other] = [await opened(), await opened()];
      await put(one, 'a');
      await one.append([removalOf(one, 'a')]);
      await other.refresh();
      appendFileSync(join(directory, files()[0]!), 'x\n');
      await other.tidy();
      expect(files()).to.have.lengthOf(1);
      expect(other.troubles).to.have.lengthOf(1);
    });

    it('the file of a writer, which goes on in another', async () => {
      const [one, other] = [await opened(), await opened()];
      await put(one, 'a');
      await one.append([removalOf(one, 'a')]);
      await other.refresh();
      await other.tidy();
      expect(files()).to.deep.equal([]);
      expect(await put(one, 'b')).to.equal(false);
      expect(await put(one, 'b')).to.equal(true);
      expect(await idsOnDisk()).to.deep.equal(['b']);
    });

    it('what another has begun to delete', async () => {
      const one = await opened();
      await put(one, 'a');
      await one.append([removalOf(one, 'a')]);
      const [name] = one.index.files.map((file) => file.name);
      renameSync(openPath(directory, name!), sealedPath(directory, name!));
      await (await opened()).tidy();
      expect(files()).to.deep.equal([]);
    });

    it('also what is referred to by a file that another has sealed', async () => {
      const one = await opened(1);
      await put(one, 'a');
      await put(one, 'a');
      await put(one, 'b');
      const [, second] = one.index.files.map((file) => file.name);
      renameSync(openPath(directory, second!), sealedPath(directory, second!));
      await (await opened()).tidy();
      expect(files()).to.have.lengthOf(2);
      expect(await idsOnDisk()).to.deep.equal(['a', 'b']);
    });

    it('what died before its first record, a minute later', async () => {
      const now = Date.now();
      const [young, old] = [nextName(undefined, now), nextName(undefined, now - 61_000)];
      for (const name of [young, old]) writeFileSync(openPath(directory, name), '{"line":1,"ty');
      await (await opened()).tidy();
      expect(files()).to.deep.equal([basename(openPath(directory, young))]);
    });

    it('nothing, when a file cannot be read', async () => {
      const one = await opened();
      await put(one, 'a');
      await one.append([removalOf(one, 'a')]);
      writeFileSync(openPath(directory, nextName(undefined, 0)), 'x\n');
      await one.refresh();
      await one.tidy();
      expect(files()).to.have.lengthOf(2);
    });

    it('nothing now, when the disk does not let it', async () => {
      const one = await opened();
      await put(one, 'a');
      await one.append([removalOf(one, 'a')]);
      const sync = sinon.stub(handle, 'sync').rejects(errorWith('EIO'));
      await one.tidy();
      expect(files()).to.have.lengthOf(1);
      sync.restore();
      await one.tidy();
      expect(files()).to.deep.equal([]);
    });
  });

  describe('when writing fails', () => {
    const failing = async (append: Promise<boolean>) => {
      const error: unknown = await append.catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'dead-letter-queue', retriable: true });
      expect(error).to.have.property('message').that.includes(directory);
      sinon.restore();
    };

    /** Fills the disk up in the middle of a write. */
    const fill = (bytes: number) => {
      const append = handle.appendFile;
      sinon.stub(handle, 'appendFile').callsFake(async function (this: FileHandle, content) {
        await append.call(this, (content as Buffer).subarray(0, bytes));
        throw errorWith('ENOSPC');
      });
    };

    it('leaves no new file, if nothing is in it', async () => {
      const one = await opened();
      for (const bytes of [0, 10, 60]) {
        fill(bytes);
        await failing(put(one, 'a'));
        expect(files()).to.deep.equal([]);
      }
      await put(one, 'b');
      expect(await idsOnDisk()).to.deep.equal(['b']);
    });

    it('leaves a new file, if something is in it', async () => {
      const one = await opened();
      sinon.stub(handle, 'datasync').rejects(errorWith('EIO'));
      await failing(put(one, 'a'));
      for (const ids of [idsIn(one), await idsOnDisk()]) expect(ids).to.deep.equal(['a']);
    });

    it('goes on in a new file, with what was there before', async () => {
      const one = await opened();
      await put(one, 'a');
      fill(100);
      await failing(put(one, 'b'));
      await one.refresh();
      expect(idsIn(one)).to.deep.equal(['a']);
      await put(one, 'b');
      expect(files()).to.have.lengthOf(2);
      for (const ids of [idsIn(one), await idsOnDisk()]) expect(ids).to.deep.equal(['a', 'b']);
    });

    it('has none of what was put together, if not all was written', async () => {
      const one = await opened();
      await put(one, 'a');
      const both = [putOf(one, 'b', 1), putOf(one, 'c')];
      fill(700);
      await failing(one.append(both));
      await one.refresh();
      for (const ids of [idsIn(one), await idsOnDisk()]) expect(ids).to.deep.equal(['a']);
      await one.append([putOf(one, 'b', 1), putOf(one, 'c')]);
      for (const ids of [idsIn(one), await idsOnDisk()]) expect(ids).to.deep.equal(['a', 'b', 'c']);
    });

    it('sees what was written all the same, and has it once, when it is put again', async () => {
      const one = await opened();
      await put(one, 'a');
      sinon.stub(handle, 'datasync').rejects(errorWith('EIO'));
      await failing(put(one, 'b'));
      await one.refresh();
      expect(idsIn(one)).to.deep.equal(['a', 'b']);
      await put(one, 'b');
      await one.append([removalOf(one, 'b')]);
      for (const ids of [idsIn(one), await idsOnDisk()]) expect(ids).to.deep.equal(['a']);
    });
  });

  it('does not say that something is there, when its file was sealed while it was written', async () => {
    const one = await opened();
    await put(one, 'a');
    const [file] = one.index.files;
    sinon.stub(handle, 'datasync').callsFake(() => {
      renameSync(openPath(directory, file!.name), sealedPath(directory, file!.name));
      return Promise.resolve();
    });
    expect(await put(one, 'b')).to.equal(false);
    sinon.restore();
    await one.refresh();
    expect(idsIn(one)).to.deep.equal(['a', 'b']);
    expect(await put(one, 'b')).to.equal(true);
    expect(files()).to.have.lengthOf(2);
    await one.append([removalOf(one, 'b')]);
    for (const ids of [idsIn(one), await idsOnDisk()]) expect(ids).to.deep.equal(['a']);
  });
});

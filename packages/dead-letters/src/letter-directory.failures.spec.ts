import { renameSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { expect } from 'chai';
import sinon from 'sinon';
import { errorWith } from '../../core/test/support/error-with.js';
import { handleMethods } from '../test/support/letter-damage.js';
import { idsIn, letterViews, put, putOf, removalOf } from '../test/support/letter-views.js';
import { openPath, sealedPath } from './letter-file.js';

describe('LetterDirectory', () => {
  const { folder, files, opened, idsOnDisk } = letterViews();
  let handle: FileHandle;

  before(async () => {
    handle = await handleMethods();
  });

  describe('when writing fails', () => {
    const failing = async (append: Promise<boolean>) => {
      const error: unknown = await append.catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'dead-letter-queue', retriable: true });
      expect(error).to.have.property('message').that.includes(folder.directory);
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
      renameSync(openPath(folder.directory, file!.name), sealedPath(folder.directory, file!.name));
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

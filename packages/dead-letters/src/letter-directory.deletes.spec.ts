import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { errorWith } from '../../core/test/support/error-with.js';
import { handleMethods } from '../test/support/letter-damage.js';
import { idsIn, letterViews, put, putOf, removalOf } from '../test/support/letter-views.js';
import { nextName, openPath, sealedPath } from './letter-file.js';

describe('LetterDirectory', () => {
  const { folder, files, opened, idsOnDisk } = letterViews();
  let handle: FileHandle;

  before(async () => {
    handle = await handleMethods();
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
      appendFileSync(join(folder.directory, files()[0]!), 'x\n');
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
      renameSync(openPath(folder.directory, name!), sealedPath(folder.directory, name!));
      await (await opened()).tidy();
      expect(files()).to.deep.equal([]);
    });

    it('also what is referred to by a file that another has sealed', async () => {
      const one = await opened(1);
      await put(one, 'a');
      await put(one, 'a');
      await put(one, 'b');
      const [, second] = one.index.files.map((file) => file.name);
      renameSync(openPath(folder.directory, second!), sealedPath(folder.directory, second!));
      await (await opened()).tidy();
      expect(files()).to.have.lengthOf(2);
      expect(await idsOnDisk()).to.deep.equal(['a', 'b']);
    });

    it('what died before its first record, a minute later', async () => {
      const now = Date.now();
      const [young, old] = [nextName(undefined, now), nextName(undefined, now - 61_000)];
      for (const name of [young, old]) writeFileSync(openPath(folder.directory, name), '{"line":1,"ty');
      await (await opened()).tidy();
      expect(files()).to.deep.equal([basename(openPath(folder.directory, young))]);
    });

    it('nothing, when a file cannot be read', async () => {
      const one = await opened();
      await put(one, 'a');
      await one.append([removalOf(one, 'a')]);
      writeFileSync(openPath(folder.directory, nextName(undefined, 0)), 'x\n');
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
});

import { statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { handleMethods } from '../test/support/letter-damage.js';
import { idsIn, letterViews, put, removalOf } from '../test/support/letter-views.js';

describe('LetterDirectory', () => {
  const { folder, files, opened, idsOnDisk } = letterViews();
  let handle: FileHandle;

  before(async () => {
    handle = await handleMethods();
  });

  it('goes on in a new file, when the one before has its size', async () => {
    const letters = await opened(1_000);
    for (let count = 0; count < 10; count++) await put(letters, `a${count}`);
    expect(files().length).to.be.within(3, 9);
    for (const name of files().slice(0, -1)) expect(statSync(join(folder.directory, name)).size).to.be.at.least(1_000);
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
});

import { chmodSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { deadLetterQueueContract } from './testing/index.js';
import { errorOf, idsIn, letterOf, put, take, valueOf } from './testing/queue-kit.js';
import { fileDeadLetterQueue } from './file-dead-letter-queue.js';
import { letterFolder } from '../test/support/letter-folder.js';
import { expectDamage, handleMethods } from '../test/support/letter-damage.js';

describe('fileDeadLetterQueue', () => {
  const folder = letterFolder();
  const { files, pathOf, again } = folder;

  for (const maxFileBytes of [undefined, 1, 2_000]) {
    describe(`keeps the contract${maxFileBytes === undefined ? '' : `, with files of ${maxFileBytes} bytes`}:`, () => {
      const openOne = () => fileDeadLetterQueue(folder.directory, maxFileBytes === undefined ? {} : { maxFileBytes });
      for (const { name, run } of deadLetterQueueContract({ open: openOne, reopen: openOne })) it(name, run);
    });
  }

  it('makes the directory and those above it, when they are missing', async () => {
    expect(await idsIn(fileDeadLetterQueue(join(folder.directory, 'a', 'b')))).to.deep.equal([]);
    await put(fileDeadLetterQueue(join(folder.directory, 'c', 'd')), letterOf('a'));
    expect(files()).to.deep.equal(['a', 'c']);
    expect(files(join(folder.directory, 'c', 'd'))).to.have.lengthOf(1);
  });

  it('keeps letters for their owner alone, whose work they are, and leaves a directory that was there as it is', async () => {
    const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
    const path = join(folder.directory, 'letters');
    const small = fileDeadLetterQueue(path, { maxFileBytes: 1 });
    await put(small, letterOf('a'));
    await put(small, letterOf('b'));
    expect(files(path).map((name) => modeOf(join(path, name)))).to.deep.equal(['600', '600']);
    expect(modeOf(path)).to.equal('700');
    chmodSync(path, 0o755);
    await put(small, letterOf('c'));
    expect(modeOf(path)).to.equal('755');
  });

  it('writes no letter to where a link leads that somebody put in the place of its file', async () => {
    await put(folder.queue, letterOf('a'));
    const [name, away] = [pathOf(0), join(folder.directory, 'elsewhere')];
    renameSync(name, away);
    symlinkSync(away, name);
    const before = readFileSync(away, 'utf8');
    expect((await errorOf(folder.queue.put([letterOf('b')]))).message).to.match(/ELOOP.*symbolic link/);
    expect(readFileSync(away, 'utf8')).to.equal(before);
  });

  it('stays where it is, when the process goes to another directory', async () => {
    const before = process.cwd();
    const relativeQueue = fileDeadLetterQueue(relative(before, folder.directory));
    process.chdir(tmpdir());
    try {
      await put(relativeQueue, letterOf('a'));
    } finally {
      process.chdir(before);
    }
    expect(files()).to.have.lengthOf(1);
  });

  it('has a line of JSON for each letter', async () => {
    await put(folder.queue, letterOf('a', 1, { value: { big: 5n } }), letterOf('b'));
    const lines = readFileSync(pathOf(0), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).to.have.lengthOf(3);
    expect(lines[1]).to.deep.include({ type: 'put', id: 'a', lastFailedAt: 1 });
    expect(lines[1]).to.have.nested.property('letter.value.big.$bigint', '5');
  });

  it('leaves no file behind, when it is empty, whoever wrote them, and none of others alone', async () => {
    writeFileSync(join(folder.directory, 'notes.txt'), 'mine');
    const queues = [folder.queue, fileDeadLetterQueue(folder.directory, { maxFileBytes: 1 }), again()];
    for (const [index, each] of queues.entries()) {
      await put(each, letterOf(`a${index}`), letterOf('shared', index), letterOf(`b${index}`));
      await each.remove([`a${index}`]);
    }
    expect(files()).to.have.lengthOf.above(3);
    expect(await folder.queue.purge()).to.equal(4);
    expect(files()).to.deep.equal(['notes.txt']);
  });

  it('keeps only the files that are of use', async () => {
    const small = fileDeadLetterQueue(folder.directory, { maxFileBytes: 1 });
    for (let count = 0; count < 5; count++) await put(small, letterOf(`a${count}`, count));
    const [first, ...others] = files();
    await small.remove(['a1', 'a3']);
    expect(files()).to.include.members([first, others[1], others[3]]).and.not.include(others[0]);
    await small.remove(['a4', 'a2']);
    expect(files().filter((name) => [first, ...others].includes(name))).to.deep.equal([first]);
    expect(await idsIn(again())).to.deep.equal(['a0']);
  });

  it('syncs the disk once for all that is put at the same time', async () => {
    const handle = await handleMethods();
    const [sync, write] = [sinon.spy(handle, 'datasync'), sinon.spy(handle, 'appendFile')];
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => put(folder.queue, letterOf(String(index)))));
    expect([sync.callCount, write.callCount]).to.deep.equal([1, 1]);
    await Promise.all(Array.from({ length: 10 }, (_, index) => folder.queue.remove([String(index)])));
    expect([sync.callCount, write.callCount]).to.deep.equal([2, 2]);
    expect(await folder.queue.depth()).to.equal(990);
  });

  it('writes about 4 MiB at a time', async () => {
    const write = sinon.spy(await handleMethods(), 'appendFile');
    const value = 'x'.repeat(1_500_000);
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => put(folder.queue, letterOf(id, 1, { value }))));
    expect(write.callCount).to.equal(3);
    expect(await idsIn(again())).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
  });

  it('answers only when what was put is on the disk', async () => {
    const { promise, resolve } = deferred();
    sinon.stub(await handleMethods(), 'datasync').returns(promise);
    let isDone = false;
    const isPut = put(folder.queue, letterOf('a')).then(() => (isDone = true));
    while (files().length === 0) await turn();
    for (let count = 0; count < 20; count++) await turn();
    expect(isDone).to.equal(false);
    resolve();
    expect(await isPut).to.equal(true);
  });

  it('lists letters that failed at the same time in the order of putting, when the clock goes backwards', async () => {
    const clock = sinon.useFakeTimers({ now: 1_800_000_000_000, toFake: ['Date'] });
    await put(folder.queue, letterOf('a'));
    clock.setSystemTime(1_700_000_000_000);
    await put(again(), letterOf('b'));
    await put(folder.queue, letterOf('c'));
    await put(folder.queue, letterOf('a', 1, { attempts: 2 }));
    expect(await idsIn(folder.queue)).to.deep.equal(['b', 'c', 'a']);
    expect(await idsIn(again())).to.deep.equal(['b', 'c', 'a']);
  });

  it('writes again, in the place of that, what it wrote to a file that was sealed meanwhile', async () => {
    await put(folder.queue, letterOf('a'));
    const path = pathOf(0);
    const stub = sinon.stub(await handleMethods(), 'datasync');
    stub.callsFake(() => {
      stub.restore();
      renameSync(path, path.replace(/\.jsonl$/, '.sealed.jsonl'));
      return Promise.resolve();
    });
    await put(folder.queue, letterOf('b'));
    expect(files()).to.have.lengthOf(2);
    expect(readFileSync(pathOf(1), 'utf8')).to.match(/"id":"b".*"removes":\{"[^"]+":\[3\]\}/);
    for (const each of [folder.queue, again()]) expect(await idsIn(each)).to.deep.equal(['a', 'b']);
    await folder.queue.remove(['b']);
    expect(await idsIn(again())).to.deep.equal(['a']);
  });

  it('takes no letter that another has removed meanwhile, but as many as asked for', async () => {
    const other = fileDeadLetterQueue(folder.directory, { maxFileBytes: 1 });
    for (const id of ['a', 'b', 'c']) await put(other, letterOf(id));
    const read = (await handleMethods()).read;
    const stub = sinon.stub(await handleMethods(), 'read');
    // Right before the letters are read: everything of their files was read by then.
    let isRemoved = false;
    stub.callsFake(async function (this: FileHandle, ...args: unknown[]) {
      const length = args[2] as number;
      if (!isRemoved && length < 10_000) {
        isRemoved = true;
        await other.remove(['b']);
      }
      return read.apply(this, args as never);
    });
    expect(await take(folder.queue, 2)).to.deep.equal(['a', 'c']);
    expect(isRemoved).to.equal(true);
  });

  it('lists each letter that is kept all the time once, when another puts it in another file meanwhile', async () => {
    const other = fileDeadLetterQueue(folder.directory, { maxFileBytes: 1 });
    for (const id of ['a', 'b', 'c', 'd']) await put(other, letterOf(id));
    const seen: unknown[] = [];
    for await (const letter of folder.queue.list()) {
      const { id, attempts } = valueOf(letter);
      seen.push([id, attempts]);
      if (id !== 'a') continue;
      await put(other, letterOf('b', 9, { attempts: 2 }));
      await other.remove(['c', 'a']);
      await put(other, letterOf('e'));
    }
    expect(seen).to.deep.equal([
      ['a', 1],
      ['b', 2],
      ['d', 1],
    ]);
  });

  it('keeps for itself what it has handed out', async () => {
    await put(folder.queue, letterOf('a', 1), letterOf('b', 2));
    expect(await take(folder.queue, 1)).to.deep.equal(['a']);
    expect(await take(again(), 1)).to.deep.equal(['a']);
    expect(await take(folder.queue, 5)).to.deep.equal(['b']);
  });

  it('hands out a letter again, when another has put it anew', async () => {
    await put(folder.queue, letterOf('a', 1));
    expect(await take(folder.queue, 1)).to.deep.equal(['a']);
    await put(again(), letterOf('a', 2));
    expect(await take(folder.queue, 1)).to.deep.equal(['a']);
  });

  for (const bad of ['', '  ', 'a\0b', undefined, null, 5, {}]) {
    it(`throws, when its directory is ${JSON.stringify(bad)}`, () => {
      expect(() => fileDeadLetterQueue(bad as string))
        .to.throw(/needs the path of a directory/)
        .with.property('code', 'configuration');
    });
  }

  for (const maxFileBytes of [0, -1, 1.5, NaN, Infinity, '5', null]) {
    it(`throws, when maxFileBytes is ${String(maxFileBytes)}`, () => {
      expect(() => fileDeadLetterQueue(folder.directory, { maxFileBytes: maxFileBytes as number }))
        .to.throw(/whole number of at least 1/)
        .with.property('code', 'configuration');
    });
  }

  describe('has what was confirmed', () => {
    /** Three lines beyond the first: a letter, two put together, a removal. */
    const write = async () => {
      await put(folder.queue, letterOf('a', 1));
      await put(folder.queue, letterOf('b', 2), letterOf('c', 3));
      await folder.queue.remove(['a']);
      return readFileSync(pathOf(0));
    };

    it('when a file is cut off, at each byte: what was put together is there together', async () => {
      const path = (await write(), pathOf(0));
      const whole = readFileSync(path);
      const seen = new Set<string>();
      for (let length = 0; length <= whole.length; length++) {
        writeFileSync(path, whole.subarray(0, length));
        seen.add((await idsIn(again())).join());
      }
      expect([...seen]).to.deep.equal(['', 'a', 'a,b,c', 'b,c']);
    });

    it('and can be added to, when a file is cut off', async () => {
      const path = (await write(), pathOf(0));
      const whole = readFileSync(path);
      for (const cut of [1, 60, 250, whole.length - 30]) {
        writeFileSync(path, whole.subarray(0, whole.length - cut));
        const next = again();
        const before = await idsIn(next);
        await put(next, letterOf('d', 9));
        for (const each of [next, again()]) expect(await idsIn(each)).to.deep.equal([...before, 'd']);
        await next.remove(['d']);
      }
    });

    it('and says so, when a byte is changed, whichever: never silence, never something else', async () => {
      const path = (await write(), pathOf(0));
      const whole = readFileSync(path);
      for (let index = 0; index < whole.length; index++) {
        const changed = Buffer.from(whole);
        changed[index]! ^= 0x81;
        writeFileSync(path, changed);
        const line = whole.subarray(0, index).toString('latin1').split('\n').length;
        expectDamage(await errorOf(again().depth()), path, line);
      }
    });
  });
});

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<undefined>((settle) => (resolve = () => settle(undefined)));
  return { promise, resolve };
}

/** Lets the event loop turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

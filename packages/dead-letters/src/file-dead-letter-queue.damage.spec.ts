import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import sinon from 'sinon';
import type { DeadLetterQueueError } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue } from './dead-letter-queue.js';
import { errorOf, idsIn, letterOf, put } from './testing/queue-kit.js';
import { fileDeadLetterQueue } from './file-dead-letter-queue.js';
import { letterFolder } from '../test/support/letter-folder.js';
import { expectDamage, handleMethods } from '../test/support/letter-damage.js';

/** Root may read and write everything. */
const isRoot = process.getuid?.() === 0;

describe('fileDeadLetterQueue', () => {
  const folder = letterFolder();
  const { pathOf, again } = folder;

  describe('refuses a file that is damaged:', () => {
    const lines = () => readFileSync(pathOf(0), 'utf8').split(/(?<=\n)/);
    const damage = async (change: (lines: string[]) => string[]) => {
      for (const id of ['a', 'b', 'c']) await put(folder.queue, letterOf(id));
      writeFileSync(pathOf(0), change(lines()).join(''));
    };

    it('a line is missing', async () => {
      await damage((all) => all.filter((line) => !line.includes('"id":"b"')));
      expectDamage(await errorOf(again().depth()), pathOf(0), 3, /lines are missing/);
    });

    it('a line is there twice', async () => {
      await damage((all) => all.flatMap((line) => (line.includes('"id":"b"') ? [line, line] : [line])));
      expectDamage(await errorOf(again().depth()), pathOf(0), 4, /lines are missing or there twice/);
    });

    it('something is added', async () => {
      await damage((all) => [...all, '{}\n']);
      expectDamage(await errorOf(again().depth()), pathOf(0), 5, /not a whole line/);
    });

    it('its beginning is missing', async () => {
      await damage((all) => all.slice(1));
      expectDamage(await errorOf(again().depth()), pathOf(0), 1, /line 2/);
    });

    it('it is a copy; and names each such file in a list', async () => {
      await damage((all) => all);
      const copies = ['-00000000-', '-00000001-'].map((token) => pathOf(0).replace(/-[0-9a-f]{8}-/, token));
      copies.forEach((copy) => copyFileSync(pathOf(0), copy));
      const { letters, errors } = await everything(again());
      expect(letters.map(({ id }) => id)).to.deep.equal(['a', 'b', 'c']);
      expect(errors).to.have.lengthOf(2);
      copies.sort().forEach((copy, index) => expectDamage(errors[index]!, copy, 1, /is a copy/));
    });

    it('while it is used', async () => {
      await damage((all) => all);
      const before = lines();
      writeFileSync(pathOf(0), [...before, 'x\n'].join(''));
      expectDamage(await errorOf(folder.queue.depth()), pathOf(0), 5);
      writeFileSync(pathOf(0), before.slice(0, 3).join(''));
      expectDamage(await errorOf(folder.queue.depth()), pathOf(0), 4, /cut off/);
    });

    it('a letter, since the file was read', async () => {
      await damage((all) => all);
      expect(await idsIn(folder.queue)).to.deep.equal(['a', 'b', 'c']);
      writeFileSync(pathOf(0), lines().join('').replace('no b', 'no x'));
      expectDamage(await errorOf(folder.queue.take({ limit: 5 })), pathOf(0), 3, /checksum/);
      const { letters, errors } = await everything(folder.queue);
      expect(letters).to.deep.equal([letterOf('a'), letterOf('c')]);
      expectDamage(errors[0]!, pathOf(0), 3);
    });

    it('at every call but put and release; and lists what it can read', async () => {
      await damage((all) => all.map((line) => line.replace('no b', 'no x')));
      const next = again();
      const answers = [next.take({ limit: 1 }), next.remove(['a']), next.remove(['none']), next.purge(), next.depth()];
      for (const answer of answers) expectDamage(await errorOf(answer), folder.directory, 3);
      await put(next, letterOf('d'), letterOf('a', 5));
      await next.release(['a']);
      const { letters, errors } = await everything(again());
      expect(letters.map(({ id, lastFailedAt }) => [id, lastFailedAt])).to.deep.equal([
        ['d', 1],
        ['a', 5],
      ]);
      expect(errors).to.have.lengthOf(1);
      expectDamage(errors[0]!, pathOf(0), 3);
    });

    it('until it is mended or moved away', async () => {
      await damage((all) => all);
      const good = readFileSync(pathOf(0));
      const path = pathOf(0);
      appendFileSync(path, 'x\n');
      const next = again();
      expectDamage(await errorOf(next.depth()), path, 5);
      expectDamage(await errorOf(next.depth()), path, 5);
      writeFileSync(path, good);
      expect(await idsIn(next)).to.deep.equal(['a', 'b', 'c']);
      appendFileSync(path, 'x\n');
      expectDamage(await errorOf(next.depth()), path, 5);
      renameSync(path, join(folder.directory, 'moved'));
      expect(await idsIn(next)).to.deep.equal([]);
      await put(next, letterOf('d'));
      expect(await idsIn(next)).to.deep.equal(['d']);
    });

    it('until it is mended, without its length being another', async () => {
      await damage((all) => all.map((line) => line.replace('no b', 'no x')));
      const path = pathOf(0);
      const next = again();
      expectDamage(await errorOf(next.depth()), path, 3);
      writeFileSync(path, readFileSync(path, 'utf8').replace('no x', 'no b'));
      utimesSync(path, new Date(0), new Date(1));
      expect(await idsIn(next)).to.deep.equal(['a', 'b', 'c']);
    });

    it('written by a later version', async () => {
      const name = 'dead-letters-20260128T010203004Z-00000000-0000-4000-8000-000000000000.jsonl';
      const checked = '{"line":1,"type":"begin","version":2';
      writeFileSync(
        join(folder.directory, name),
        `${checked},"checksum":"${crc32(checked).toString(16).padStart(8, '0')}"}\n`,
      );
      expectDamage(
        await errorOf(folder.queue.depth()),
        join(folder.directory, name),
        1,
        /format 2.*knows format 1 only/,
      );
    });
  });

  describe('rejects what it cannot do, with an error that says so:', () => {
    const everyError = async (path: string) => {
      const bad = fileDeadLetterQueue(path);
      const answers = [bad.put([letterOf('a')]), bad.take({ limit: 1 }), bad.remove(['a']), bad.purge(), bad.depth()];
      const errors = await Promise.all(answers.map(errorOf));
      return [...errors, await errorOf(everything(bad))];
    };

    it('a file in place of the directory', async () => {
      const path = join(folder.directory, 'file');
      writeFileSync(path, 'x');
      for (const error of [...(await everyError(path)), ...(await everyError(join(path, 'below')))]) {
        expect(error).to.include({ code: 'dead-letter-queue', retriable: false });
        expect(error.message).to.include(path).and.include('choose another directory');
      }
      expect(readFileSync(path, 'utf8')).to.equal('x');
    });

    it('a link to nowhere in place of the directory', async () => {
      const path = join(folder.directory, 'link');
      symlinkSync(join(folder.directory, 'gone', 'gone'), path);
      for (const error of await everyError(path)) expect(error).to.include({ code: 'dead-letter-queue' });
    });

    it('a path that is too long', async () => {
      for (const error of await everyError(join(folder.directory, 'x'.repeat(300)))) {
        expect(error).to.include({ code: 'dead-letter-queue', retriable: false });
      }
    });

    it('a directory in place of a file', async () => {
      mkdirSync(join(folder.directory, 'dead-letters-20260128T010203004Z-00000000-0000-4000-8000-000000000000.jsonl'));
      const error = await errorOf(folder.queue.depth());
      expect(error).to.include({ retriable: false }).and.property('message').that.includes('move it away');
      await put(folder.queue, letterOf('a'));
    });

    it('a disk that is full, and goes on when it is not', async () => {
      const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
      sinon.stub(await handleMethods(), 'appendFile').rejects(full);
      const puts = [folder.queue.put([letterOf('a')]), folder.queue.put([letterOf('b')])].map(errorOf);
      const depth = folder.queue.depth();
      for (const error of await Promise.all(puts)) {
        expect(error).to.include({ retriable: true, cause: full });
        expect(error.message).to.include('free some space');
      }
      expect(await depth).to.equal(0);
      sinon.restore();
      await put(folder.queue, letterOf('b'));
      expect(await idsIn(folder.queue)).to.deep.equal(['b']);
    });

    it('a file that cannot be read for now', async () => {
      await put(folder.queue, letterOf('a'));
      const failing = again();
      sinon.stub(await handleMethods(), 'read').rejects(Object.assign(new Error('EIO: no'), { code: 'EIO' }));
      expect(await errorOf(failing.depth()))
        .to.include({ retriable: true })
        .and.property('message')
        .includes('the disk');
      expect(await errorOf(folder.queue.take({ limit: 1 }))).to.include({ retriable: true });
      await put(failing, letterOf('b'));
      sinon.restore();
      expect(await idsIn(failing)).to.deep.equal(['a', 'b']);
    });

    it('a file that cannot be looked at for now', async () => {
      await put(folder.queue, letterOf('a'));
      const path = pathOf(0);
      const next = again();
      expect(await idsIn(next)).to.deep.equal(['a']);
      renameSync(path, join(folder.directory, 'moved'));
      symlinkSync(path, path);
      expect(await errorOf(next.depth()))
        .to.have.property('message')
        .that.includes('links go in a circle');
      rmSync(path);
      renameSync(join(folder.directory, 'moved'), path);
      expect(await idsIn(next)).to.deep.equal(['a']);
    });

    it('a directory it may not write', async function () {
      if (isRoot) this.skip();
      chmodSync(folder.directory, 0o555);
      expect(await idsIn(folder.queue)).to.deep.equal([]);
      expect(await errorOf(folder.queue.put([letterOf('a')]))).to.include({ retriable: false });
      chmodSync(folder.directory, 0o755);
    });

    it('a file it may not read', async function () {
      if (isRoot) this.skip();
      await put(folder.queue, letterOf('a'));
      chmodSync(pathOf(0), 0);
      expect(await errorOf(again().depth())).to.include({ retriable: false });
    });
  });
});

/** All that a list has. */
async function everything(queue: DeadLetterQueue): Promise<{ letters: DeadLetter[]; errors: DeadLetterQueueError[] }> {
  const letters: DeadLetter[] = [];
  const errors: DeadLetterQueueError[] = [];
  for await (const letter of queue.list()) {
    if (letter.ok) letters.push(letter.val);
    else errors.push(letter.val);
  }
  return { letters, errors };
}

import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import {
  append,
  beganAt,
  lookAt,
  nameIn,
  nextName,
  openPath,
  openToRead,
  readLines,
  seal,
  sealedPath,
} from './letter-file.js';

describe('The name of a dead-letter file', () => {
  const now = Date.UTC(2026, 0, 28, 1, 2, 3, 4);

  it('begins with its time', () => {
    expect(basename(openPath('.', nextName(undefined, now)))).to.match(
      /^dead-letters-20260128T010203004Z-[0-9a-f-]{36}\.jsonl$/,
    );
    expect(beganAt(nextName(undefined, now))).to.equal(now);
  });

  it('comes after all before, also when the clock goes backwards or stands still', () => {
    const names = [nextName(undefined, now)];
    for (const time of [now, now, now - 5_000_000, now + 1, now, 0]) names.push(nextName(names.at(-1), time));
    expect([...names].sort()).to.deep.equal(names);
    expect(new Set(names).size).to.equal(names.length);
    expect(beganAt(nextName(names[0], now + 1_000))).to.equal(now + 1_000);
  });

  it('is found in the name of an open and a sealed file, and of no others', () => {
    const name = nextName(undefined, now);
    expect(nameIn(basename(openPath('.', name)))).to.equal(name);
    expect(nameIn(basename(sealedPath('.', name)))).to.equal(name);
    const others = ['notes.txt', `dead-letters-${name}`, `x-dead-letters-${name}.jsonl`, `dead-letters-${name}.jsonl~`];
    for (const other of others) expect(nameIn(other)).to.equal(undefined);
  });
});

describe('A dead-letter file', () => {
  const name = nextName(undefined, 0);
  let directory = '';
  let path = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rxforce-letters-'));
    path = openPath(directory, name);
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is begun once, and added to', async () => {
    expect(await append(directory, name, Buffer.from('a\n'), true)).to.equal(true);
    expect(await append(directory, name, Buffer.from('b\n'), false)).to.equal(true);
    expect(readFileSync(path, 'utf8')).to.equal('a\nb\n');
    expect(await append(directory, name, Buffer.from('c\n'), true).catch((error: unknown) => error)).to.include({
      code: 'EEXIST',
    });
  });

  it('is not added to, nor made anew, when it is sealed', async () => {
    await append(directory, name, Buffer.from('a\n'), true);
    await seal(directory, name);
    expect(await append(directory, name, Buffer.from('b\n'), false)).to.equal(false);
    expect(readdirSync(directory)).to.deep.equal([basename(sealedPath(directory, name))]);
    await seal(directory, name);
    expect(readFileSync(sealedPath(directory, name), 'utf8')).to.equal('a\n');
  });

  it('is found by the name it has', async () => {
    expect(await lookAt(directory, name)).to.equal(undefined);
    expect(await openToRead(directory, name)).to.equal(undefined);
    writeFileSync(path, 'abc');
    expect(await lookAt(directory, name)).to.include({ size: 3 });
    renameSync(path, sealedPath(directory, name));
    expect(await lookAt(directory, name)).to.include({ size: 3 });
    await (await openToRead(directory, name))?.close();
  });

  it('is read line by line, however long they are', async () => {
    const lines = ['', 'a', 'b'.repeat(1 << 18), '', 'c'.repeat((1 << 18) - 3), 'd'.repeat(700_000), 'e\u2028\r'];
    writeFileSync(path, `skipped\n${lines.join('\n')}\n`);
    expect(await linesFrom(8)).to.deep.equal(lines);
    appendFileSync(path, 'not whole');
    expect(await linesFrom(8)).to.deep.equal([...lines, '(not whole)']);
  });

  async function linesFrom(from: number): Promise<string[]> {
    const file = await open(path, 'r');
    const found: string[] = [];
    let expectedOffset = from;
    for await (const { bytes, offset, isWhole } of readLines(file, from)) {
      expect(offset).to.equal(expectedOffset);
      expectedOffset += bytes.length + 1;
      found.push(isWhole ? bytes.toString() : `(${bytes.toString()})`);
    }
    await file.close();
    return found;
  }
});

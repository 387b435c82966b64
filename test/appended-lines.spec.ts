import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppendedLines, appendLines } from './support/appended-lines.js';

describe('appended lines of processes that are killed', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxforce-lines-'));
    file = join(folder, 'lines');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are each read once, and none before it is whole', () => {
    const lines = new AppendedLines(file);
    expect(lines.next()).to.deep.equal([]);
    appendLines(file, ['a', 'b']);
    expect(lines.next()).to.deep.equal(['a', 'b']);
    appendFileSync(file, '\nc');
    expect(lines.next()).to.deep.equal([]);
    appendFileSync(file, '\u0003\n');
    expect(lines.next()).to.deep.equal(['c']);
  });

  it('leave out the one that was torn, and not the next', () => {
    const lines = new AppendedLines(file);
    appendLines(file, ['a', 'b']);
    appendFileSync(file, '\nc\u0003\nhalf');
    appendLines(file, ['d']);
    expect(lines.next()).to.deep.equal(['a', 'b', 'c', 'd']);
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { ChangeMismatchError } from '@rxforce/core/model';
import { sha256Of, unifiedDiff, type UnifiedDiffOptions } from '../../test/support/unified-diff.js';
import { applyTextDiff } from './text-diff.js';

const PLAIN: UnifiedDiffOptions = { context: 0, emptySideNames: 'line-behind' };

/** A diff by hand. */
function diffOf(after: string, ...lines: readonly string[]): string {
  return ['--- ', `+++ ${sha256Of(after)}`, ...lines].join('\n');
}

function applied(text: string, diff: string): string {
  const result = applyTextDiff(text, diff);
  if (result.err) throw result.val;
  return result.val;
}

function refused(text: string, diff: string): string {
  const result = applyTextDiff(text, diff);
  expect(result.err && result.val).to.be.instanceOf(ChangeMismatchError);
  return (result.val as ChangeMismatchError).message;
}

const line = fc.oneof(
  fc.constantFrom('', 'a', 'b', '-', '+', ' ', '@@ -1 +1 @@', '\\ No newline at end of file'),
  fc.string(),
);
const lines = fc.array(
  line.filter((text) => !/[\r\n]/.test(text)),
  { minLength: 1, maxLength: 12 },
);
const text = lines.map((all) => all.join('\n'));
const options = fc.record<UnifiedDiffOptions>({
  context: fc.nat(3),
  emptySideNames: fc.constantFrom('line-before', 'line-behind'),
});

describe('applyTextDiff', () => {
  it('makes the new text, with the form of diff that the service sends', () => {
    const diff = diffOf('one\nzwei\nthree', '@@ -2,1 +2,1 @@', '-two', '+zwei');
    expect(applied('one\ntwo\nthree', diff)).to.equal('one\nzwei\nthree');
  });

  const cases: [string, string, string, string[]][] = [
    ['counts left out', 'a\nb', 'a\nc', ['@@ -2 +2 @@', '-b', '+c']],
    ['lines added at the start', 'b', 'a\nb', ['@@ -0,0 +1 @@', '+a']],
    ['lines added at the start, the place named by the line behind', 'b', 'a\nb', ['@@ -1,0 +1,1 @@', '+a']],
    ['lines added in the middle', 'a\nc', 'a\nb\nc', ['@@ -1,0 +2,1 @@', '+b']],
    ['lines added in the middle, the place named by the line behind', 'a\nc', 'a\nb\nc', ['@@ -2,0 +2,1 @@', '+b']],
    ['lines added at the end', 'a', 'a\nb', ['@@ -1,0 +2,1 @@', '+b']],
    ['lines removed', 'a\nb\nc', 'a', ['@@ -2,2 +1,0 @@', '-b', '-c']],
    ['lines removed, the place named by the line behind', 'a\nb\nc', 'a\nc', ['@@ -2,1 +2,0 @@', '-b']],
    ['several hunks', 'a\nb\nc\nd', 'x\ny\nb\nd\ne', ['@@ -1 +1,2 @@', '-a', '+x', '+y', '@@ -3 +3,0 @@', '-c', '@@ -4,0 +5 @@', '+e']],
    ['unchanged lines around', 'a\nb\nc', 'a\nx\nc', ['@@ -1,3 +1,3 @@', ' a', '-b', '+x', ' c']],
    ['an unchanged empty line that lost its space', 'a\n\nc', 'x\n\nc', ['@@ -1,3 +1,3 @@', '-a', '+x', '', ' c']],
    ['an end of its last line', 'a\nb', 'a\nc', ['@@ -2 +2 @@', '-b', '+c', '']],
    ['lines that look like parts of a diff', '-- \n@@ -1 +1 @@', '++ x\n@@ -1 +1 @@', ['@@ -1 +1 @@', '--- ', '+++ x']],
    ['carriage returns in both', 'a\r\nb\r\nc', 'a\r\nx\r\nc', ['@@ -2 +2 @@', '-b\r', '+x\r']],
    ['carriage returns that the diff has lost', 'a\r\nb\r\nc', 'a\r\nx\r\nc', ['@@ -2 +2 @@', '-b', '+x']],
    ['a text that was empty', '', 'a\nb', ['@@ -0,0 +1,2 @@', '+a', '+b', '\\ No newline at end of file']],
    ['a text that was empty, and ends its line now', '', 'a\n', ['@@ -0,0 +1 @@', '+a']],
    ['a text that was an empty line', '', 'a\nb', ['@@ -1,1 +1,2 @@', '-', '+a', '+b']],
    ['a text that is empty now', 'a\nb\n', '', ['@@ -1,2 +0,0 @@', '-a', '-b']],
    ['an end of the line that was added', 'a', 'a\n', ['@@ -1 +1 @@', '-a', '\\ No newline at end of file', '+a']],
    ['an end of the line that was removed', 'a\n', 'a', ['@@ -1 +1 @@', '-a', '+a', '\\ No newline at end of file']],
    ['no end of the last line, on both sides', 'a', 'b', ['@@ -1 +1 @@', '-a', '\\ No newline at end of file', '+b', '\\ No newline at end of file']],
    ['no end of the last line, and a change before it', 'a\nb', 'x\nb', ['@@ -1 +1 @@', '-a', '+x']],
    ['text beyond ASCII', 'a\n😀é', 'a\n中\u2028ü', ['@@ -2 +2 @@', '-😀é', '+中\u2028ü']],
  ]; // prettier-ignore
  for (const [what, before, after, hunks] of cases) {
    it(`makes the new text, with ${what}`, () => {
      expect(applied(before, diffOf(after, ...hunks))).to.equal(after);
    });
  }

  it('gives a text back that has the hash already, as when an event comes again', () => {
    const diff = diffOf('a\nc', '@@ -2 +2 @@', '-b', '+c');
    expect(applied('a\nc', diff)).to.equal('a\nc');
  });

  it('takes a hash in capitals', () => {
    const diff = diffOf('c', '@@ -1 +1 @@', '-b', '+c').replace(/[0-9a-f]{64}/, (hash) => hash.toUpperCase());
    expect(applied('b', diff)).to.equal('c');
  });

  it('does 100,000 lines', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => String(index));
    const before = many.join('\n');
    const after = many.with(50_000, 'x').join('\n');
    expect(applied(before, diffOf(after, '@@ -50001 +50001 @@', '-50000', '+x'))).to.equal(after);
    const all = many.map((each) => `+${each}`);
    expect(applied('', diffOf(before, '@@ -1,1 +1,100000 @@', '-', ...all))).to.equal(before);
  });

  const malformed: [string, string[]][] = [
    ['nothing', []],
    ['no hunk', ['--- ', `+++ ${sha256Of('c')}`]],
    ['no hash', ['--- ', '+++ new', '@@ -1 +1 @@', '-b', '+c']],
    ['another first line', ['+++ ', `+++ ${sha256Of('c')}`, '@@ -1 +1 @@', '-b', '+c']],
    ['the text itself', ['c']],
    ['too few lines', ['--- ', `+++ ${sha256Of('c')}`, '@@ -1 +1 @@', '-b']],
    ['too many lines', ['--- ', `+++ ${sha256Of('c')}`, '@@ -1 +1 @@', '-b', '+c', '+d']],
    ['more old lines than counted', ['--- ', `+++ ${sha256Of('c')}`, '@@ -1 +1,2 @@', '-b', '-b', '+c', '+c']],
    ['a line of no kind', ['--- ', `+++ ${sha256Of('c')}`, '@@ -1 +1 @@', 'b', '+c']],
    ['no ranges', ['--- ', `+++ ${sha256Of('c')}`, '@@ @@', '-b', '+c']],
    ['ranges of no lines', ['--- ', `+++ ${sha256Of('c')}`, '@@ -1,0 +1,0 @@']],
    ['ranges that do not agree', ['--- ', `+++ ${sha256Of('c')}`, '@@ -1 +2 @@', '-b', '+c']],
    ['a range before the first line', ['--- ', `+++ ${sha256Of('c')}`, '@@ -0 +0 @@', '-b', '+c']],
    ['hunks out of order', ['--- ', `+++ ${sha256Of('c')}`, '@@ -2 +2 @@', '-b', '+c', '@@ -1 +1 @@', '-a', '+c']],
  ];
  for (const [what, diff] of malformed) {
    it(`refuses a malformed diff: ${what}`, () => {
      expect(refused('b', diff.join('\n'))).to.match(/no unified diff|not a unified diff/);
    });
  }

  it('refuses lines that are not those of the text, and places beyond its end', () => {
    for (const hunk of [
      ['@@ -1 +1 @@', '-x', '+c'],
      ['@@ -1,2 +1,2 @@', ' x', '-b', '+c'],
      ['@@ -9,0 +10 @@', '+c'],
    ]) {
      expect(refused('a\nb', diffOf('c', ...hunk))).to.match(/lines that differ.*read the record again/);
    }
  });

  it('refuses a result that has not the hash, and says nothing of the text', () => {
    const message = refused('secret\nb', diffOf('secret\nd', '@@ -2 +2 @@', '-b', '+c'));
    expect(message)
      .to.match(/SHA-256.*read the record again/)
      .and.not.include('secret');
  });

  it('makes the new text of any two texts', () => {
    fc.assert(
      fc.property(text, text, options, (before, after, how) => {
        fc.pre(before !== after);
        expect(applied(before, unifiedDiff(before, after, how))).to.equal(after);
      }),
      { numRuns: 1_000 },
    );
  });

  it('makes the new text of texts with carriage returns, whether or not the diff has them', () => {
    fc.assert(
      fc.property(lines, lines, options, fc.boolean(), (old, now, how, kept) => {
        const [before, after] = [old.join('\r\n'), now.join('\r\n')];
        fc.pre(before !== after && old.length > 1);
        const diff = kept
          ? unifiedDiff(before, after, how)
          : unifiedDiff(old.join('\n'), now.join('\n'), how).replace(/[0-9a-f]{64}/, sha256Of(after));
        expect(applied(before, diff)).to.equal(after);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses any text in which one character is another', () => {
    fc.assert(
      fc.property(text, text, options, fc.nat(), (before, after, how, at) => {
        const wrong = withOtherCharacter(before, at);
        fc.pre(before !== after && wrong !== before && wrong !== after);
        refused(wrong, unifiedDiff(before, after, how));
      }),
      { numRuns: 1_000 },
    );
  });

  it('never makes another text of a diff in which one character is another', () => {
    let refusals = 0;
    fc.assert(
      fc.property(text, text, options, fc.nat(), (before, after, how, at) => {
        fc.pre(before !== after);
        const diff = unifiedDiff(before, after, how);
        const wrong = withOtherCharacter(diff, at);
        const result = applyTextDiff(before, wrong);
        // A side without lines may name one of two places.
        if (result.ok) expect(result.val).to.equal(after);
        else refusals++;
      }),
      { numRuns: 1_000 },
    );
    expect(refusals).to.be.greaterThan(900);
  });

  it('refuses a diff in which one character of its hash or of its lines is another', () => {
    fc.assert(
      fc.property(text, text, fc.nat(), fc.nat(3), (before, after, at, context) => {
        fc.pre(before !== after);
        const diff = unifiedDiff(before, after, { ...PLAIN, context });
        const all = diff.split('\n');
        const touched = all
          .map((each, index) => ({ each, index }))
          .filter(({ each }, index) => index === 1 || (index > 2 && each.length > 1 && !each.startsWith('@@')));
        const { each, index } = touched[at % touched.length]!;
        const from = index === 1 ? 4 : 1;
        const wrong = each.slice(0, from) + withOtherCharacter(each.slice(from), at);
        refused(before, all.with(index, wrong).join('\n'));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** One character becomes another, a digit another digit. */
function withOtherCharacter(whole: string, at: number): string {
  if (whole === '') return whole;
  const place = at % whole.length;
  const character = whole.charAt(place);
  const other = /\d/.test(character) ? String((Number(character) + 1) % 10) : character === 'x' ? 'y' : 'x';
  return whole.slice(0, place) + other + whole.slice(place + 1);
}

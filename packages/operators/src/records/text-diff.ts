import { createHash } from 'node:crypto';
import { ChangeMismatchError, Err, Ok, type Result } from '@rxforce/core/model';

/**
 * The text after a change that came as a unified diff, as changes to large texts do: `--- `,
 * `+++ <SHA-256 of the new text>`, and hunks such as `@@ -2,1 +2,1 @@`, line by line.
 *
 * The hash decides: every result matches it. A diff leaves some things open, so the possibilities are tried: lines may
 * end in `\r\n` or in `\n`, and the last line may have an end or not. A text that already has the hash is returned
 * unchanged, because an event may come twice.
 *
 * @param text - The text before.
 * @param diff - The value that the event has in place of the new text.
 * @returns An `Err` where the diff is malformed, does not fit the text, or makes a text with another hash.
 */
export function applyTextDiff(text: string, diff: string): Result<string, ChangeMismatchError> {
  const parsed = parse(diff);
  if (parsed === undefined) return Err(mismatch('it is not a unified diff that names the SHA-256 of the new text'));
  const { sha256, hunks } = parsed;
  if (sha256Of(text) === sha256) return Ok(text);
  let fits = false;
  for (const read of READINGS) {
    const result = read(text, hunks);
    if (result === undefined) continue;
    fits = true;
    if (sha256Of(result) === sha256) return Ok(result);
  }
  return Err(mismatch(fits ? 'the text it makes has not the SHA-256 that it names' : 'it is about lines that differ'));
}

interface TextDiff {
  readonly sha256: string;
  readonly hunks: readonly Hunk[];
}

interface Hunk {
  /** How many lines of the old text come before the hunk. */
  readonly at: number;
  readonly lines: readonly HunkLine[];
}

interface HunkLine {
  readonly kind: ' ' | '-' | '+';
  readonly text: string;
  /** Whether nothing follows the line, not even a line end. */
  readonly unended: boolean;
}

const HASH = /^\+\+\+ ([0-9a-f]{64})$/i;
const RANGES = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/;
const UNENDED = '\\ No newline at end of file';

/** Parses a diff; `undefined` when it is malformed. */
function parse(diff: string): TextDiff | undefined {
  const [from, to = '', ...rest] = diff.split('\n');
  const sha256 = HASH.exec(to)?.[1]?.toLowerCase();
  if (from?.trimEnd() !== '---' || sha256 === undefined) return undefined;
  const hunks: Hunk[] = [];
  let [next, end, shift] = [0, 0, 0];
  while (next < rest.length && !isEmptyEnd(rest, next)) {
    const ranges = rangesOf(rest[next++], shift);
    if (ranges === undefined || ranges.at < end) return undefined;
    const lines = linesOf(rest, next, ranges);
    if (lines === undefined) return undefined;
    hunks.push({ at: ranges.at, lines });
    next += lines.length + lines.filter(({ unended }) => unended).length;
    end = ranges.at + ranges.oldCount;
    shift += ranges.newCount - ranges.oldCount;
  }
  return hunks.length > 0 ? { sha256, hunks } : undefined;
}

/** Whether this is the empty text after the last line end of the diff. */
function isEmptyEnd(rest: readonly string[], next: number): boolean {
  return next === rest.length - 1 && rest[next] === '';
}

interface Ranges {
  readonly at: number;
  readonly oldCount: number;
  readonly newCount: number;
}

/**
 * Where a side has no lines, some programs name the line before the place and others the line after it. So the place is
 * taken from the side that has lines, and the other side may be either.
 *
 * @param shift - How many lines the earlier hunks added.
 */
function rangesOf(line: string | undefined, shift: number): Ranges | undefined {
  const match = RANGES.exec(line ?? '');
  if (match === null) return undefined;
  const [oldStart = 0, oldCount = 1, newStart = 0, newCount = 1] = match
    .slice(1)
    .map((digits: string | undefined) => (digits === undefined ? undefined : Number(digits)));
  const before = (start: number, count: number) => (count > 0 ? [start - 1] : [start, start - 1]);
  const places = before(oldStart, oldCount);
  const at = before(newStart, newCount)
    .map((place) => place - shift)
    .find((place) => place >= 0 && places.includes(place));
  return at === undefined || oldCount + newCount === 0 ? undefined : { at, oldCount, newCount };
}

/** The lines of a hunk, as many as its head says. An entirely empty line is an unchanged empty line of the text. */
function linesOf(rest: readonly string[], from: number, ranges: Ranges): readonly HunkLine[] | undefined {
  const lines: HunkLine[] = [];
  let { oldCount, newCount } = ranges;
  for (let next = from; oldCount > 0 || newCount > 0; next++) {
    const line = rest[next] === '' ? ' ' : rest[next];
    const kind = line?.charAt(0);
    if (line === undefined || (kind !== ' ' && kind !== '-' && kind !== '+')) return undefined;
    const unended = rest[next + 1] === UNENDED;
    lines.push({ kind, text: line.slice(1), unended });
    if (kind !== '+') oldCount--;
    if (kind !== '-') newCount--;
    if (unended) next++;
  }
  return oldCount < 0 || newCount < 0 ? undefined : lines;
}

/**
 * The ways to split a text into lines. Each returns the text that the hunks make of it; `undefined` where they do not
 * fit.
 */
const READINGS: readonly ((text: string, hunks: readonly Hunk[]) => string | undefined)[] = [
  // Line feeds are between the lines.
  (text, hunks) => patched(text.split('\n'), hunks)?.join('\n'),
  // Carriage returns with line feeds are between the lines, whether or not the diff kept the carriage returns.
  (text, hunks) =>
    text.includes('\r\n')
      ? patched(text.split('\n').map(withoutReturn), hunks.map(withoutReturns))?.join('\r\n')
      : undefined,
  // Line feeds end the lines, and the last line has none where the diff says so.
  (text, hunks) => {
    const lines = text.endsWith('\n') || text === '' ? text.split('\n').slice(0, -1) : text.split('\n');
    const end = endsItsLastLine(text, lines.length, hunks) ? '\n' : '';
    return patched(lines, hunks)
      ?.map((line, index, all) => line + (index < all.length - 1 ? '\n' : end))
      .join('');
  },
];

function patched(lines: readonly string[], hunks: readonly Hunk[]): string[] | undefined {
  const parts: (readonly string[])[] = [];
  let next = 0;
  for (const { at, lines: changes } of hunks) {
    const old = changes.filter(({ kind }) => kind !== '+');
    if (at > lines.length || old.some(({ text }, index) => lines[at + index] !== text)) return undefined;
    parts.push(
      lines.slice(next, at),
      changes.filter(({ kind }) => kind !== '-').map(({ text }) => text),
    );
    next = at + old.length;
  }
  return [...parts, lines.slice(next)].flat();
}

/** Whether the last line ends: as in the old text, unless the last hunk reaches the end. */
function endsItsLastLine(text: string, lineCount: number, hunks: readonly Hunk[]): boolean {
  const last = hunks.at(-1);
  const taken = last?.lines.filter(({ kind }) => kind !== '+').length ?? 0;
  if (last === undefined || last.at + taken < lineCount) return text.endsWith('\n');
  return last.lines.findLast(({ kind }) => kind !== '-')?.unended !== true;
}

function withoutReturns({ at, lines }: Hunk): Hunk {
  return { at, lines: lines.map((line) => ({ ...line, text: withoutReturn(line.text) })) };
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function mismatch(reason: string): ChangeMismatchError {
  return new ChangeMismatchError(
    `The diff of a large text cannot be applied: ${reason}. The text is not the one that was changed, or the diff is ` +
      'damaged: read the record again.',
  );
}

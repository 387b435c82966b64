import { createHash } from 'node:crypto';

/** Texts of at least this length come as a diff, where that is shorter. In characters. */
const LARGE_TEXT_CHARS = 1_000;

/**
 * The diff of a large text in a change event: a unified diff by lines, without context, whose second line names the
 * SHA-256 of the whole new text. `undefined` where the new text itself is sent.
 */
export function textDiff(before: string, after: string): string | undefined {
  if (Math.max(before.length, after.length) < LARGE_TEXT_CHARS) return undefined;
  const [old, now] = [before.split('\n'), after.split('\n')];
  const head = commonLines(old, now);
  const tail = commonLines(old.slice(head).reverse(), now.slice(head).reverse());
  const [removed, added] = [old.slice(head, old.length - tail), now.slice(head, now.length - tail)];
  const sha256 = createHash('sha256').update(after).digest('hex');
  const diff = [
    '--- ',
    `+++ ${sha256}`,
    `@@ -${range(head, removed.length)} +${range(head, added.length)} @@`,
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
  ].join('\n');
  return diff.length < after.length ? diff : undefined;
}

function commonLines(old: readonly string[], now: readonly string[]): number {
  const different = old.findIndex((line, index) => line !== now[index]);
  return different === -1 ? Math.min(old.length, now.length) : different;
}

/** Where there are no lines, a unified diff names the line before. */
function range(before: number, count: number): string {
  return `${count === 0 ? before : before + 1},${count}`;
}

import { createHash } from 'node:crypto';

/** How a diff is written. */
export interface UnifiedDiffOptions {
  /** Unchanged lines around each change. */
  readonly context: number;
  /** What a side without lines names: the line before it, or the line behind it. */
  readonly emptySideNames: 'line-before' | 'line-behind';
}

type Edit = readonly [' ' | '-' | '+', string];

/**
 * A unified diff of two texts, made by the longest common subsequence of their lines, with the SHA-256 of the new text
 * where the new file's name stands.
 */
export function unifiedDiff(before: string, after: string, options: UnifiedDiffOptions): string {
  const edits = editsOf(before.split('\n'), after.split('\n'));
  return ['--- ', `+++ ${sha256Of(after)}`, ...hunksOf(edits, options)].join('\n');
}

/** The SHA-256 of a text in UTF-8, in hex. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function editsOf(old: readonly string[], now: readonly string[]): readonly Edit[] {
  const lengths = old.map(() => now.map(() => 0));
  const common = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i]![j] = old[i] === now[j] ? common(i + 1, j + 1) + 1 : Math.max(common(i + 1, j), common(i, j + 1));
    }
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) edits.push([' ', old[i++]!], ...((j++, []) as Edit[]));
    else if (j === now.length || (i < old.length && common(i + 1, j) >= common(i, j + 1))) edits.push(['-', old[i++]!]);
    else edits.push(['+', now[j++]!]);
  }
  return edits;
}

function hunksOf(edits: readonly Edit[], { context, emptySideNames }: UnifiedDiffOptions): string[] {
  const shown = edits.map((_edit, index) =>
    edits.slice(Math.max(0, index - context), index + context + 1).some(([kind]) => kind !== ' '),
  );
  const lines: string[] = [];
  for (let from = 0; from < edits.length; from++) {
    if (!shown[from]) continue;
    const length = shown.slice(from).indexOf(false);
    const hunk = edits.slice(from, length === -1 ? undefined : from + length);
    const range = (without: '+' | '-') => {
      const count = hunk.filter(([kind]) => kind !== without).length;
      const before = edits.slice(0, from).filter(([kind]) => kind !== without).length;
      return `${count === 0 && emptySideNames === 'line-before' ? before : before + 1},${count}`;
    };
    lines.push(`@@ -${range('+')} +${range('-')} @@`, ...hunk.map(([kind, text]) => kind + text));
    from += hunk.length;
  }
  return lines;
}

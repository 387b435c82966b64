import { threadId } from 'node:worker_threads';
import type { Holder } from './lock-file.js';
import { ownMark } from './process-mark.js';

/** The tokens of this thread's locks: one set for all copies of this package, which may share a directory. */
const LOCKS = Symbol.for('@rxforce/core/file-locks/1');

function tokens(): Set<string> {
  const shared = globalThis as { [LOCKS]?: Set<string> | undefined };
  return (shared[LOCKS] ??= new Set());
}

/** This thread uses a lock, or is about to. */
export function lockUsed(token: string): void {
  tokens().add(token);
}

/** This thread does not use the lock any more, also where its file could not be removed. */
export function lockUnused(token: string): void {
  tokens().delete(token);
}

/**
 * Whether a lock was this very thread's, and nobody uses it. Its file could not be removed, and would lock this process
 * out for its whole life.
 */
export async function isAbandoned(holder: Holder): Promise<boolean> {
  const own = await ownMark();
  const isOwn = (['pid', 'host', 'pidSpace', 'processStartedAt'] as const).every((part) => holder[part] === own[part]);
  return isOwn && holder.threadId === threadId && !tokens().has(holder.token);
}

import { PositionInUseError } from '../model/errors.js';
import type { PositionKey } from '../ports/replay-store.js';
import type { ProcessMark } from './process-mark.js';

/** How long a holder that cannot be checked may show no sign of life before it counts as dead, in milliseconds. */
export const DEAD_AFTER_MS = 30_000;

/** Who has a lock. */
export interface Holder extends ProcessMark {
  /** When it took the lock, as an ISO date. */
  readonly since: string;
  /** Distinguishes its file from all others. */
  readonly token: string;
  /** The thread of its process. */
  readonly threadId?: number;
}

/** The lock file of another contender. */
export interface Rival {
  readonly path: string;
  /** `undefined` where its file does not say. */
  readonly holder: Holder | undefined;
  /** Its last sign of life, in epoch milliseconds. */
  readonly beatAt: number;
  /** Whether it is known to run. Otherwise it may be dead. */
  readonly isAlive: boolean;
}

/** The content of a lock's file. */
export function formatHolder(holder: Holder): string {
  return `${JSON.stringify(holder)}\n`;
}

/** Reads a text of `formatHolder`. `undefined` for any other text. */
export function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, ...rest } = JSON.parse(text) as Record<keyof Holder, unknown>;
    const { host, pidSpace, processStartedAt, since, token } = rest;
    const isComplete = [host, pidSpace, processStartedAt, since, token].every((field) => typeof field === 'string');
    // Zero and negative numbers mean groups of processes.
    return isComplete && Number.isSafeInteger(pid) && (pid as number) > 0 ? ({ pid, ...rest } as Holder) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The error of a contender with a rival in the way. `undefined` when rivals were there again and again, but only for a
 * moment.
 */
export function inUse({ topic, name }: PositionKey, rival: Rival | undefined): PositionInUseError {
  const isAlive = rival?.isAlive ?? false;
  const advice = isAlive
    ? "Two would overwrite each other's position and lose events: stop that process, or give this consumer a name of its own."
    : `If that process is gone, the position is free ${DEAD_AFTER_MS / 1000} s after its last sign of life: try again then.`;
  return new PositionInUseError(`The position "${name}" of ${topic} is in use by ${describe(rival)}. ${advice}`, {
    topic,
    retriable: !isAlive,
  });
}

function describe(rival: Rival | undefined): string {
  if (!rival) return 'processes that take and give it back all the time';
  const { holder, path, beatAt } = rival;
  const who = holder ? `process ${holder.pid} on host ${holder.host} since ${holder.since}` : 'a process unknown';
  return `${who} (last sign of life ${new Date(beatAt).toISOString()}, lock file ${path})`;
}

import type { LogEntry } from '@rxforce/emulator';

/** How what was received differs from what is in the log: nothing but zeros where it does not. */
export interface Comparison {
  /** In the log, and never received. */
  readonly lost: number;
  /** Received again. */
  readonly duplicated: number;
  /** Received after one that comes later in the log. */
  readonly outOfOrder: number;
  /** Received, and not in the log. */
  readonly unknown: number;
}

/** Holds events against the log, each by its id and its replay id together. */
export function compare(received: readonly LogEntry[], log: readonly LogEntry[]): Comparison {
  const places = new Map(log.map((entry, index) => [keyOf(entry), index]));
  const seen = new Set<number>();
  let newest = -1;
  let duplicated = 0;
  let outOfOrder = 0;
  let unknown = 0;
  for (const entry of received) {
    const place = places.get(keyOf(entry));
    if (place === undefined) unknown++;
    else if (seen.has(place)) duplicated++;
    else if (place < newest) outOfOrder++;
    if (place === undefined) continue;
    seen.add(place);
    newest = Math.max(newest, place);
  }
  return { lost: log.length - seen.size, duplicated, outOfOrder, unknown };
}

/** The part of the log up to an event, and with it; nothing where there is none. */
export function upTo(last: LogEntry | undefined, log: readonly LogEntry[]): readonly LogEntry[] {
  return log.slice(0, log.findLastIndex(({ id }) => id === last?.id) + 1);
}

function keyOf({ id, replayId }: LogEntry): string {
  return `${id} ${replayId}`;
}

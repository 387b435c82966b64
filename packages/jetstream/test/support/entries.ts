import { BehaviorSubject, type Subject, type Subscription } from 'rxjs';
import { ReplayId, type EventLog, type LogEntry, type LoggedEntry, type LogStart } from '@rxforce/core';

export const TOPIC = '/data/AccountChangeEvent';

/** The so-manieth event, in one partition. */
export function entryOf(number: number, partition = 0, payload = String(number)): LogEntry {
  const origin = ReplayId.fromBytes(Buffer.from(String(number).padStart(10, '0')));
  return { partition, id: `event-${number}`, origin, schemaId: 'schema', payload: Buffer.from(payload) };
}

/** Events from the first number up to the last one. */
export function entriesOf(first: number, last: number, partition = 0): LogEntry[] {
  return Array.from({ length: last - first + 1 }, (_, index) => entryOf(first + index, partition));
}

/** The ids of events from the first number up to the last one. */
export function idsOf(first: number, last: number): readonly string[] {
  return entriesOf(first, last).map(({ id }) => id);
}

/** One reading, and what came of it. */
export interface StartedReading {
  readonly entries: LoggedEntry[];
  readonly ids: () => readonly string[];
  readonly errors: unknown[];
  /** How many responses came without entries, and the position that the last one had. */
  readonly quiet: { count: number; latest: ReplayId | undefined };
  readonly demand: Subject<number>;
  readonly subscription: Subscription;
}

/** Starts to read a partition. */
export function startReading(
  log: EventLog,
  { from = 'earliest', partition = 0, wanted = 100_000 }: Partial<LogStart> & { readonly wanted?: number } = {},
): StartedReading {
  const entries: LoggedEntry[] = [];
  const errors: unknown[] = [];
  const quiet: StartedReading['quiet'] = { count: 0, latest: undefined };
  const demand = new BehaviorSubject(wanted);
  const subscription = log.read({ topic: TOPIC, partition, from }, demand).subscribe({
    next: (response) => {
      entries.push(...response.entries);
      if (response.entries.length > 0) return;
      quiet.count++;
      quiet.latest = response.latest;
    },
    error: (error: unknown) => errors.push(error),
  });
  return { entries, ids: () => entries.map(({ id }) => id), errors, quiet, demand, subscription };
}

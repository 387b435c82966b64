import { interval, Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { ReplayIdInvalidError } from '../model/errors.js';
import type { LogResponse, LogStart } from '../ports/event-log.js';
import { numberOf, positionOf, type MemoryPartition } from './memory-partition.js';

/** One reading of a partition. */
class MemoryReading {
  /** How many entries of the partition are behind it. */
  private at: number;
  private wanted = 0;
  /** How many entries were dropped before its beginning, until it has said so. */
  private droppedBefore: number;

  constructor(
    private readonly topic: string,
    private readonly of: MemoryPartition,
    from: LogStart['from'],
    private readonly subscriber: Subscriber<LogResponse>,
  ) {
    this.at = from === 'earliest' ? of.dropped : from === 'latest' ? of.added : numberOf(from);
    this.droppedBefore = from === 'earliest' ? of.dropped : 0;
  }

  wants(count: number): void {
    this.wanted += count;
  }

  /** @param isDue - Whether it responds also where nothing is there. */
  respond(isDue: boolean): void {
    const { topic, of, subscriber } = this;
    if (this.at < of.dropped || this.at > of.added) {
      subscriber.error(invalid(topic, this.at, of));
      return;
    }
    const entries = of.after(this.at).slice(0, this.wanted);
    if (entries.length === 0 && !isDue) return;
    this.wanted -= entries.length;
    this.at += entries.length;
    const latest = entries.length === 0 && this.at === of.added && this.at > 0 ? positionOf(this.at) : undefined;
    const dropped = this.droppedBefore;
    this.droppedBefore = 0;
    subscriber.next({ entries, latest, ...(dropped > 0 && { dropped }) });
  }
}

/** Where the partitions of a log are, and its clock. */
interface ReadLog {
  readonly scheduler: SchedulerLike;
  readonly keepaliveMs: number;
  partition(topic: string, partition: number): MemoryPartition;
}

/** Reads one partition, as `read` of an event log does. */
export function readMemory(
  log: ReadLog,
  { topic, partition, from }: LogStart,
  demand: Observable<number>,
): Observable<LogResponse> {
  const { scheduler, keepaliveMs } = log;
  return new Observable<LogResponse>((subscriber) => {
    // An error that is thrown here is the Observable's.
    const of = log.partition(topic, partition);
    const made = new MemoryReading(topic, of, from, subscriber);
    subscriber.add(scheduler.schedule(() => made.respond(true)));
    subscriber.add(of.added$.subscribe(() => made.respond(false)));
    subscriber.add(interval(keepaliveMs, scheduler).subscribe(() => made.respond(true)));
    subscriber.add(
      demand.subscribe({
        next: (count) => {
          made.wants(count);
          subscriber.add(scheduler.schedule(() => made.respond(false)));
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  });
}

function invalid(topic: string, at: number, { added, dropped }: MemoryPartition): ReplayIdInvalidError {
  const why = at > added ? 'beyond the end' : `before entries that were dropped (${dropped} were)`;
  return new ReplayIdInvalidError(`The position ${at} of ${topic} is ${why}.`, {
    topic,
    replayId: positionOf(at).toString(),
  });
}

import { mergeMap, Subject, takeUntil, type Observable, type Subscriber, type Subscription } from 'rxjs';
import type { EventStream } from '../subscribe/event-stream.js';

/** One partition, while it is assigned to this member. */
interface PartitionReader {
  readonly given$: Subject<void>;
  readonly watch: Subscription;
  /** Whether it reads, or commits what it has read. Otherwise it waits for its lease. */
  isActive: boolean;
}

/** The partitions that one subscription reads: their events are merged. */
export class PartitionReaders<E> {
  private readonly readers = new Map<number, PartitionReader>();
  private readonly added$ = new Subject<number>();
  private isLast = false;

  /**
   * @param streamOf - The events of a partition. Always the same Observable, so that a later subscription continues
   * where an earlier one ended.
   * @param hasLease - Whether a partition is read only while its lease is held.
   * @param inFrame - Subscribes in the frame of the merged events, however late.
   */
  constructor(
    private readonly streamOf: (partition: number) => EventStream<E>,
    private readonly hasLease: boolean,
    private readonly inFrame: (work: () => void) => void,
  ) {}

  /** Merges the events into a subscriber. They complete after `finish`, when the last partition has completed. */
  readInto(subscriber: Subscriber<E>): void {
    this.added$.pipe(mergeMap((partition) => this.read(partition))).subscribe(subscriber);
    subscriber.add(() => this.readers.forEach(({ watch }) => watch.unsubscribe()));
  }

  /**
   * Reads these partitions, and no others. Of a partition that is given away, the work under way is still committed.
   */
  assign(partitions: readonly number[]): void {
    if (this.isLast) return;
    for (const partition of this.readers.keys()) if (!partitions.includes(partition)) this.giveAway(partition);
    for (const partition of partitions) {
      if (this.readers.has(partition)) continue;
      this.inFrame(() => this.added$.next(partition));
    }
  }

  /**
   * No partition comes any more, and those that wait for their leases are given up. The others complete by themselves.
   */
  finish(): void {
    this.isLast = true;
    for (const [partition, { isActive }] of this.readers) if (!isActive) this.giveAway(partition);
    this.added$.complete();
  }

  private read(partition: number): Observable<E> {
    const stream = this.streamOf(partition);
    const reader: PartitionReader = {
      ...{ given$: new Subject<void>(), isActive: !this.hasLease },
      watch: stream.status$.subscribe(({ type }) => {
        if (type === 'acquired') reader.isActive = true;
        else if (type === 'lost') reader.isActive = false;
      }),
    };
    this.readers.set(partition, reader);
    return stream.pipe(takeUntil(reader.given$));
  }

  private giveAway(partition: number): void {
    const reader = this.readers.get(partition);
    this.readers.delete(partition);
    reader?.watch.unsubscribe();
    reader?.given$.next();
  }
}

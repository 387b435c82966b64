import {
  defaultIfEmpty,
  defer,
  filter,
  from,
  map,
  mergeMap,
  of,
  take,
  timer,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';
import { hold, subscribeInner, type Hold } from '@rxforce/core/delivery';
import { headerWith, partitionOf, type ChangeEvent, type ChangeEventHeader, type ReplayId } from '@rxforce/core/model';
import { noteFailure, readElsewhere } from '@rxforce/core/internal';
import { BarrierQueue, type Concern } from './barrier-queue.js';
import { ReadMarks, secondOf } from './read-marks.js';
import { Slots } from '../work/slots.js';

/** Which record to read. */
export interface GapRead<T = Record<string, unknown>> {
  /** API name of the object. */
  readonly entityName: string;
  readonly recordId: string;
  /** The gap. */
  readonly event: ChangeEvent<T>;
}

/** The object whose records are to be read again. */
export interface EntityRead<T = Record<string, unknown>> {
  /** API name of the object. */
  readonly entityName: string;
  /** When the missed changes were committed, in epoch milliseconds. Read at least the records modified since then. */
  readonly since: number;
  /** Where the stream continues after this event. */
  readonly replayId: ReplayId;
  /** The overflow, or the event with a wildcard. */
  readonly event: ChangeEvent<T>;
}

/** A record of an object that is read again. */
export interface RecordRead<T = Record<string, unknown>> {
  readonly recordId: string;
  /** The whole record, in the form that events have; `null` or `undefined` where it is gone. */
  readonly record: Partial<T> | null | undefined;
}

/** How gaps are resolved. */
export interface GapRules<T> {
  readonly fetchRecord: (read: GapRead<T>) => ObservableInput<Partial<T> | null | undefined>;
  readonly onOverflow: (read: EntityRead<T>) => ObservableInput<RecordRead<T>> | ObservableInput<void>;
  readonly concurrency: number;
  readonly maxStaleRetries: number;
  readonly staleDelayMs: number;
  readonly clockToleranceMs: number;
  /** When the record was modified last, in epoch milliseconds; `undefined` where it is not known. */
  readonly lastModifiedOf: (record: Partial<T>) => number | undefined;
  readonly scheduler: SchedulerLike;
}

/** An event that is held: a gap, or one that waits for a gap. */
interface Task<T> {
  readonly event: ChangeEvent<T>;
  readonly held: Hold;
}

/** Reads the records of gaps, and holds back the events that must wait for the reads. */
export class GapWork<T> {
  private readonly queue = new BarrierQueue<Task<T>>();
  private readonly marks: ReadMarks;
  private readonly slots: Slots;
  private starting = false;
  private sourceDone = false;

  constructor(
    private readonly rules: GapRules<T>,
    private readonly subscriber: Subscriber<ChangeEvent<T>>,
  ) {
    this.marks = new ReadMarks(rules.clockToleranceMs);
    this.slots = new Slots(rules.concurrency);
    subscriber.add(() => this.queue.items().forEach(({ held }) => held.abandon()));
  }

  add(event: ChangeEvent<T>): void {
    const { entityName, commitTimestamp } = event.header;
    this.marks.sweep(reachedBy(event, commitTimestamp), (key) => this.queue.has(key));
    if (this.mayPass(event)) {
      this.passOn(event, (left) => this.subscriber.next(left));
      return;
    }
    const held = hold(event, 'keeps');
    if (this.subscriber.closed) {
      held.abandon();
      return;
    }
    this.queue.add({ event, held }, entityName, concernOf(event));
    this.startWhatMay();
  }

  sourceCompleted(): void {
    this.sourceDone = true;
    this.completeIfDone();
  }

  private mayPass(event: ChangeEvent<T>): boolean {
    if (isAboutAll(event) || isToBeRead(event)) return false;
    return this.queue.isEmpty || !this.queue.isBlocked(event.header.entityName, concernOf(event));
  }

  /** Passes on an event without the records that a read contains. */
  private passOn(event: ChangeEvent<T>, emit: (event: ChangeEvent<T>) => void): void {
    const left = this.notContained(event);
    if (left === undefined) return;
    emit(left.header.changeType === 'GAP_DELETE' ? changed(left, { changeType: 'DELETE' }) : left);
  }

  /** The event without the records that a read contains, if any is left. */
  private notContained(event: ChangeEvent<T>): ChangeEvent<T> | undefined {
    if (this.marks.isEmpty) return event;
    const { recordIds, commitTimestamp } = event.header;
    const left = recordIds.filter((id) => !this.marks.contain(keyOf(event, id), commitTimestamp));
    if (left.length === recordIds.length) return event;
    return left.length === 0 ? undefined : changed(event, { recordIds: left });
  }

  /** A loop, because work that completes at once would make a recursion as deep as the queue is long. */
  private startWhatMay(): void {
    if (this.starting) return;
    this.starting = true;
    while (!this.subscriber.closed) {
      const next = this.queue.take();
      if (next === undefined) break;
      this.start(next.item, next.finish);
    }
    this.starting = false;
    this.completeIfDone();
  }

  private start({ event, held }: Task<T>, finish: () => void): void {
    const end = () => {
      finish();
      held.release();
      this.startWhatMay();
    };
    if (isAboutAll(event) || isToBeRead(event)) {
      const resolved = isAboutAll(event) ? this.readEntity(event) : this.readRecords(event);
      subscribeInner(resolved, this.subscriber, {
        next: (each) => held.emit(this.subscriber, each),
        error: (error) => noteFailure('resolveGaps()', error, event),
        complete: end,
      });
    } else {
      this.passOn(event, (left) => held.emit(this.subscriber, left));
      end();
    }
  }

  private readEntity(event: ChangeEvent<T>): Observable<ChangeEvent<T>> {
    const { replayId, header } = event;
    const { entityName, commitTimestamp: since } = header;
    const reads = defer<ObservableInput<RecordRead<T> | undefined>>(
      () => this.rules.onOverflow({ entityName, since, replayId, event }) as ObservableInput<RecordRead<T> | undefined>,
    );
    return reads.pipe(
      filter((read) => read !== undefined),
      // Other workers read the records of other partitions.
      filter(({ recordId }) => isOwn(event, recordId)),
      map(({ recordId, record }) => this.resolved(event, recordId, record ?? undefined)),
    );
  }

  /** An event for each record of a gap that no read contains yet. */
  private readRecords(gap: ChangeEvent<T>): Observable<ChangeEvent<T>> {
    const { recordIds = [] } = this.notContained(gap)?.header ?? {};
    return from(new Set(recordIds)).pipe(
      mergeMap((recordId) =>
        this.readRecord(gap, recordId, this.rules.maxStaleRetries).pipe(
          map((record) => this.resolved(gap, recordId, record)),
        ),
      ),
    );
  }

  private resolved(gap: ChangeEvent<T>, recordId: string, record: Partial<T> | undefined): ChangeEvent<T> {
    const lastModified = record && this.rules.lastModifiedOf(record);
    this.marks.note(keyOf(gap, recordId), lastModified, gap.header.commitTimestamp);
    const event = readElsewhere(changed(gap, { changeType: record ? 'SNAPSHOT' : 'DELETE', recordIds: [recordId] }));
    return record ? { ...event, data: record } : event;
  }

  private readRecord(gap: ChangeEvent<T>, recordId: string, retries: number): Observable<Partial<T> | undefined> {
    const { fetchRecord, staleDelayMs, scheduler } = this.rules;
    const { entityName } = gap.header;
    const read = defer(() => fetchRecord({ entityName, recordId, event: gap })).pipe(
      take(1),
      defaultIfEmpty(undefined),
      map((record) => record ?? undefined),
    );
    // The slot is given back while a stale read waits.
    return this.slots
      .limit(read)
      .pipe(
        mergeMap((record) =>
          retries > 0 && this.isStale(record, gap)
            ? timer(staleDelayMs, scheduler).pipe(mergeMap(() => this.readRecord(gap, recordId, retries - 1)))
            : of(record),
        ),
      );
  }

  /** Whether the read seems to come from a replica that the gap's change has not reached. */
  private isStale(record: Partial<T> | undefined, { header }: ChangeEvent<T>): boolean {
    if (record === undefined) return true;
    const lastModified = this.rules.lastModifiedOf(record);
    return lastModified !== undefined && secondOf(lastModified) < secondOf(header.commitTimestamp);
  }

  private completeIfDone(): void {
    if (this.sourceDone && this.queue.isEmpty) this.subscriber.complete();
  }
}

/** Whether the records must be read to learn what happened to them. */
function isToBeRead({ header: { changeType } }: ChangeEvent<unknown>): boolean {
  return changeType === 'GAP_CREATE' || changeType === 'GAP_UPDATE' || changeType === 'GAP_UNDELETE';
}

/** Whether the event names no record, and may be about any record of its object. */
function isAboutAll({ header: { changeType, recordIds } }: ChangeEvent<unknown>): boolean {
  return changeType === 'GAP_OVERFLOW' || recordIds.some((id) => id.endsWith('*'));
}

/** How far the partitions of a log that are merged may be apart, in milliseconds: each is in order by itself. */
const PARTITIONS_APART_MS = 24 * 3_600_000;

/** The time that no later event of the stream is older than. */
function reachedBy({ origin }: ChangeEvent<unknown>, commitTimestamp: number): number {
  return origin === undefined ? commitTimestamp : commitTimestamp - PARTITIONS_APART_MS;
}

/** Whether a record is one of those that the event is about, where other partitions of a log have the event, too. */
function isOwn({ split }: ChangeEvent<unknown>, recordId: string): boolean {
  return split === undefined || partitionOf(recordId, split.of) === split.partition;
}

function concernOf(event: ChangeEvent<unknown>): Concern {
  return isAboutAll(event) ? 'all' : event.header.recordIds.map((id) => keyOf(event, id));
}

function keyOf({ header }: ChangeEvent<unknown>, recordId: string): string {
  return `${header.entityName} ${recordId}`;
}

/** The copy keeps the rest of the event, including the delivery that it carries. */
function changed<T>(event: ChangeEvent<T>, header: Partial<ChangeEventHeader>): ChangeEvent<T> {
  return { ...event, header: headerWith(event.header, header) };
}

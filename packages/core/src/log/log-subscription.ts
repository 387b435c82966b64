import { distinctUntilChanged, map, of, Subscription, tap, type Observable, type Subscriber } from 'rxjs';
import type { RxforceError } from '../model/errors.js';
import type { ResolvedReplay } from '../position/replay-options.js';
import type { LogInfo } from '../ports/event-log.js';
import { retryTransient } from '../stream-life/retry-transient.js';
import type { EventStream } from '../subscribe/event-stream.js';
import { rowWarnings } from '../subscribe/row-warnings.js';
import type { SubscriptionRecord } from '../subscribe/subscription-record.js';
import { assignment } from './assignment.js';
import type { LogContext } from './log-context.js';
import { PartitionReaders } from './partition-readers.js';

/** The parts of one subscription to a topic of a log. */
export interface LogSubscriptionParts<E> {
  readonly context: LogContext;
  /** The topic's whole name. */
  readonly topic: string;
  /** Its name is that of the group. */
  readonly replay: Pick<ResolvedReplay, 'name' | 'store' | 'from'>;
  readonly hasLease: boolean;
  readonly maxAttempts: number;
  /** Where it is told what becomes of the subscription, until its partitions tell. */
  readonly record: SubscriptionRecord;
  /** Its number among those of this process. */
  readonly number: number;
  readonly streamOf: (partition: number, info: LogInfo) => EventStream<E>;
  /** So many partitions are read from here on. */
  readonly reads: (partitions: number) => void;
  /** Subscribes in the frame of the merged events, however late. */
  readonly inFrame: (work: () => void) => void;
}

/**
 * One subscription to a topic of a log: it learns what the log has and which partitions are its own, and reads those.
 *
 * @param subscriber - Receives the events of all partitions.
 */
export function readAssigned<E>(parts: LogSubscriptionParts<E>, subscriber: Subscriber<E>): void {
  const { context, record, maxAttempts } = parts;
  const work = new Subscription();
  const failed = (error: unknown) => {
    record.failed(error);
    subscriber.error(error);
  };
  const opened = context.transport.info().pipe(
    retryTransient(context, tellOf(parts), maxAttempts),
    // From here on its partitions tell how they are.
    tap(() => record.left()),
  );
  work.add(opened.subscribe({ next: (info) => begin(parts, info, work, subscriber, failed), error: failed }));
  subscriber.add(() => {
    work.unsubscribe();
    record.left();
  });
}

/** The log is there. */
function begin<E>(
  parts: LogSubscriptionParts<E>,
  info: LogInfo,
  work: Subscription,
  subscriber: Subscriber<E>,
  failed: (error: unknown) => void,
): void {
  const { context, topic, replay, hasLease, inFrame } = parts;
  const { name, store, from } = replay;
  const { id: logId, partitions } = info;
  if (store) work.add(context.groups.join({ topic, name, store, from, logId, partitions }));
  const readers = new PartitionReaders<E>((each) => parts.streamOf(each, info), hasLease, inFrame);
  readers.readInto(subscriber);
  work.add(context.draining$.subscribe(() => finish(work, readers)));
  work.add(assigned(parts, info).subscribe({ next: (each) => readers.assign(each), error: failed }));
}

/** The member leaves the group first, so that others ask for what it gives up. */
function finish(work: Subscription, readers: PartitionReaders<unknown>): void {
  work.unsubscribe();
  readers.finish();
}

/** The partitions of this member, now and whenever they change. Without a membership, all of them. */
function assigned<E>(parts: LogSubscriptionParts<E>, info: LogInfo): Observable<readonly number[]> {
  const { context, record, topic, replay, number, maxAttempts } = parts;
  const { membership, memberName } = context;
  const member = number === 1 ? memberName : `${memberName}/${number}`;
  const members$ = membership?.join(JSON.stringify([info.id, topic, replay.name]), member) ?? of([member]);
  return members$.pipe(
    retryTransient(context, tellOf(parts), maxAttempts),
    // One that the others do not see, as it had stood still, still reads: the leases decide.
    map((members) => [...new Set([...members, member])].sort()),
    distinctUntilChanged(isSame),
    map((members) => assignment(members, info.partitions)),
    map((shared) => {
      const partitions = shared.get(member) ?? [];
      record.mention('assigned', () => ({
        ...{ partitions, of: info.partitions, members: shared.size, member },
        shares: [...shared].map(([each, share]) => ({ member: each, partitions: share })),
      }));
      parts.reads(partitions.length);
      return partitions;
    }),
  );
}

function tellOf<E>({ context, record, topic }: LogSubscriptionParts<E>) {
  const warn = rowWarnings(topic, context);
  return (attempt: number, delayMs: number, cause: RxforceError) => {
    record.tell('waiting', () => ({ attempt, delayMs, cause }));
    warn(attempt, cause);
  };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((member, index) => member === other[index]);
}

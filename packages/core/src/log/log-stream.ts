import { merge, mergeMap, Observable, ReplaySubject, Subject, type Subscriber } from 'rxjs';
import { keepFrame } from '../delivery/subscribing.js';
import { tracked } from '../delivery/tracked-observable.js';
import { quietly } from '../model/answer.js';
import type { StreamEvent } from '../model/events.js';
import { ReplayId } from '../model/replay-id.js';
import type { LogInfo } from '../ports/event-log.js';
import type { StreamPosition } from '../ports/replay-store.js';
import type { SubscriptionStatus } from '../ports/status.js';
import type { ClientSubscriptions } from '../subscribe/client-subscriptions.js';
import { clientClosed, topicStream, type EventStream } from '../subscribe/event-stream.js';
import type { EventOf } from '../subscribe/hand-out.js';
import type { ResolvedSubscribeOptions } from '../subscribe/options.js';
import type { LogContext } from './log-context.js';
import { readAssigned } from './log-subscription.js';
import { loggedEventOf } from './logged-event-of.js';
import { onceForAll } from '../ports/once-for-all.js';
import { partitionTopic } from './partition-topic.js';
import { WindowShare } from './window-share.js';

/**
 * A topic of an event log as a cold Observable: the events of the partitions that are assigned to this member, merged.
 * Each partition is a subscription of its own, with a position, a window and, where there is one, a lease.
 *
 * @param topic - The topic's whole name.
 */
export function logStream<E extends StreamEvent>(
  context: LogContext,
  subscriptions: ClientSubscriptions,
  topic: string,
  options: ResolvedSubscribeOptions,
  eventOf: EventOf<E>,
): EventStream<E> {
  const of = new LogTopic(context, subscriptions, topic, options, eventOf);
  const events$ = tracked(new Observable<E>((subscriber) => of.subscribe(subscriber)));
  return Object.assign(events$, { status$: of.status$ });
}

/** What all subscriptions to one topic of a log have in common. */
class LogTopic<E extends StreamEvent> {
  private readonly streams = new Map<number, EventStream<E>>();
  private readonly streams$ = new ReplaySubject<EventStream<E>>(Infinity);
  private readonly own$ = new Subject<SubscriptionStatus>();
  readonly status$ = merge(this.own$, this.streams$.pipe(mergeMap(({ status$ }) => status$)));
  private readonly share: WindowShare;
  private readonly partitionContext: LogContext;
  /** The numbers of the subscriptions that are live. */
  private readonly numbers = new Set<number>();
  private hasSubscribed = false;

  constructor(
    private readonly context: LogContext,
    private readonly subscriptions: ClientSubscriptions,
    private readonly topic: string,
    private readonly options: ResolvedSubscribeOptions,
    private readonly eventOf: EventOf<E>,
  ) {
    this.share = new WindowShare(options.demand, context.windowTotal);
    this.partitionContext = { ...context, logger: onceForAll(context.logger, context.scheduler) };
  }

  subscribe(subscriber: Subscriber<E>): void {
    const { context, subscriptions, topic, options } = this;
    if (subscriptions.closed) {
      // An operator that subscribes again then ends without an error.
      if (!this.hasSubscribed) subscriber.error(clientClosed());
      else subscriber.complete();
      return;
    }
    this.hasSubscribed = true;
    const { replay, lease, maxAttempts } = options;
    const of = { topic, subscription: subscriptions.nextNumber(), name: replay.store && replay.name };
    subscriber.add(subscriptions.completed.subscribe(() => subscriber.complete()));
    readAssigned(
      {
        ...{
          context,
          topic,
          maxAttempts,
          replay,
          hasLease: lease !== undefined,
          number: this.numberFor(subscriber),
        },
        record: subscriptions.record(of, () => context.scheduler.now(), this.own$),
        streamOf: (partition, info) => this.streamOf(partition, info),
        reads: (partitions) => this.share.among(partitions),
        inFrame: keepFrame(),
      },
      subscriber,
    );
  }

  /** The smallest that is free, so that a `retry()` keeps its name among the members, and with it its partitions. */
  private numberFor(subscriber: Subscriber<E>): number {
    let number = 1;
    while (this.numbers.has(number)) number++;
    this.numbers.add(number);
    subscriber.add(() => this.numbers.delete(number));
    return number;
  }

  /** Always the same for a partition: a later subscription continues where an earlier one ended. */
  private streamOf(partition: number, { partitions }: LogInfo): EventStream<E> {
    const known = this.streams.get(partition);
    if (known) return known;
    const { partitionContext, subscriptions, topic, options } = this;
    const stream = topicStream(
      ...([partitionContext, subscriptions, partitionTopic(topic, partition)] as const),
      { ...options, demand: this.share },
      loggedEventOf(this.eventOf, { topic, partition, partitions }),
    );
    this.streams.set(partition, stream);
    this.streams$.next(stream);
    this.tellLog(partition, stream);
    return stream;
  }

  /** A log that keeps entries for groups learns how far this one is. */
  private tellLog(partition: number, { status$ }: EventStream<E>): void {
    const { topic, options, context } = this;
    const { name: group, store } = options.replay;
    if (store === undefined || context.log.reached === undefined) return;
    status$.subscribe((status) => {
      if (status.type !== 'committed') return;
      const position: StreamPosition = status.position;
      if (ReplayId.is(position)) void quietly(() => context.log.reached?.({ topic, partition, group, position }));
    });
  }
}

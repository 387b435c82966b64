import { ReplaySubject, takeUntil, type Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import type { KeptFinding } from '../delivery/subscribing.js';
import { TrackedObservable } from '../delivery/tracked-observable.js';
import { ConfigurationError } from '../model/errors.js';
import type { StreamEvent } from '../model/events.js';
import { isForALog, PipelineBehind } from '../settlement/pipeline-behind.js';
import { keptError, settledEarlyError } from '../settlement/settled-early.js';
import type { DrainedSubscription } from '../subscribe/drain-report.js';
import { clientClosed } from '../subscribe/event-stream.js';
import type { ReadingOptions } from '../subscribe/options.js';
import type { SubscriptionState } from '../subscribe/subscription-state.js';
import { delivered, type DeliveredOptions, type DeliveredSource } from './delivered.js';

/** What the streams of one client share. */
export interface FakeSubscriber {
  readonly scheduler: SchedulerLike;
  /** Emits when the client is closed. */
  readonly closed: Observable<void>;
  readonly isClosed: () => boolean;
  /** Numbers the subscriptions of the client, from 1. */
  readonly nextNumber: () => number;
}

/** One topic, and the deliveries of its subscriptions. */
export class FakeTopic {
  readonly settled$: Observable<StreamEvent>;
  private readonly settled = new ReplaySubject<StreamEvent>(Infinity);
  private readonly subscriptions: DeliveredSource<StreamEvent>[] = [];
  /** Those that are not over, by their numbers, which are counted for each client. */
  private readonly open = new Map<number, { readonly source: DeliveredSource<StreamEvent>; readonly window: number }>();

  constructor(
    private readonly topic: string,
    private readonly source: Observable<StreamEvent>,
  ) {
    this.settled$ = this.settled.asObservable();
  }

  /** Makes a stream of its events, as `changes()` of a client does. */
  stream({ demand, earlySettlement }: ReadingOptions, client: FakeSubscriber): TrackedObservable<StreamEvent> {
    const { topic } = this;
    const options: DeliveredOptions = {
      window: demand.window,
      ...(earlySettlement === 'error' && {
        earlySettlement: (event: unknown) => settledEarly(topic, event as StreamEvent),
      }),
    };
    const events$ = new TrackedObservable<StreamEvent>((subscriber) => {
      if (client.isClosed()) {
        subscriber.error(clientClosed());
        return;
      }
      watch(topic, earlySettlement, PipelineBehind.of(events$ as TrackedObservable<never>, subscriber), subscriber);
      const number = client.nextNumber();
      const values = this.subscribe(number, options, client.scheduler);
      subscriber.add(values.pipe(takeUntil(client.closed)).subscribe(subscriber));
      subscriber.add(() => this.open.delete(number));
    });
    return events$;
  }

  private subscribe(number: number, options: DeliveredOptions, scheduler: SchedulerLike): Observable<StreamEvent> {
    const subscription = delivered(this.source, scheduler, options);
    this.subscriptions.push(subscription);
    this.open.set(number, { source: subscription, window: options.window ?? Infinity });
    subscription.settled$.subscribe(this.settled);
    return subscription.values;
  }

  /** The work under way when the client is drained. The work itself continues in virtual time. */
  drained(): DrainedSubscription[] {
    const { topic } = this;
    return this.subscriptions.map((subscription) => ({
      topic,
      name: undefined,
      settled: 0,
      unsettled: subscription.unsettled().length,
      uncommitted: 0,
      lastCommitted: undefined,
    }));
  }

  /** The state of its subscriptions, which are live until they are over. */
  states(): SubscriptionState[] {
    const { topic } = this;
    return [...this.open].map(([subscription, { source, window }]) => {
      const unsettled = source.unsettled().length;
      return {
        ...{ topic, subscription, name: undefined, state: 'live', since: 0, wasConnected: true },
        ...{ troubleSince: undefined, cause: undefined, lagMs: undefined, lastResponseAt: undefined },
        window: { outstanding: 0, unsettled, uncommitted: 0, window },
        ...{ start: undefined, lastCommit: undefined },
      };
    });
  }

  deliveries(subscription: number): DeliveredSource<StreamEvent> {
    const found = this.subscriptions[subscription - 1];
    if (found) return found;
    throw new ConfigurationError(
      `There is no subscription ${subscription} of this topic: there were ${this.subscriptions.length} so far.`,
    );
  }
}

/** Ends a subscription with an error, when a plain operator keeps its events before other work. */
function watch(
  topic: string,
  earlySettlement: ReadingOptions['earlySettlement'],
  pipeline: PipelineBehind,
  subscriber: Subscriber<StreamEvent>,
): void {
  let isAnnounced = false;
  const kept = (finding: KeptFinding) => {
    if (!isAnnounced || earlySettlement !== 'error' || isForALog(finding)) return undefined;
    const error = keptError(topic, finding, undefined);
    subscriber.error(error);
    return error;
  };
  const none = () => undefined;
  pipeline.reach({ announced: () => (isAnnounced = true), retracted: none, late: none, finished: none, kept });
}

function settledEarly(topic: string, { replayId }: StreamEvent): Error {
  return settledEarlyError(topic, `the event at replay id ${replayId.toString()}`, replayId);
}

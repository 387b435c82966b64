import type { Subscriber } from 'rxjs';
import type { StreamPosition } from '../ports/replay-store.js';
import type { EndedSubscriptions, Ending } from './ended-subscriptions.js';
import type { HeldToken } from '../position/held-token.js';
import type { Lineage } from './lineage.js';
import type { PipelineBehind } from '../settlement/pipeline-behind.js';
import type { ClientSubscriptions } from './client-subscriptions.js';
import { ActiveSubscription } from './active-subscription.js';
import type { ReadingPlan } from './reading-plan.js';
import type { StreamContext } from './stream-context.js';
import type { SubscriptionRecord } from './subscription-record.js';

/** The parts that all subscriptions of one Observable share. */
export interface SharedStream<E> {
  readonly context: StreamContext;
  readonly subscriptions: ClientSubscriptions;
  readonly plan: ReadingPlan<E>;
  readonly ended: EndedSubscriptions;
}

/** One of them. */
export interface Reader {
  /** The number of the subscription, counted from 1 for each client. */
  readonly subscription: number;
  readonly record: SubscriptionRecord;
  readonly lineage: Lineage;
  /** Reports that it ends by itself, with this error or without one. */
  readonly ends: (how: Ending, error?: unknown) => void;
  /** How it ended. */
  readonly ended: () => Ending;
  /** Reports on the pipeline downstream of it. */
  readonly pipeline: PipelineBehind;
}

/**
 * Reads events into a subscriber. When the subscriber closes, the next subscription may continue where this one ended.
 */
export function readInto<E>(stream: SharedStream<E>, reader: Reader, target: Subscriber<E>, held?: HeldToken): void {
  const { context, subscriptions, plan, ended } = stream;
  const { subscription, record, lineage, pipeline, ends } = reader;
  const { tell } = record;
  const { topic } = plan;
  let gone: (() => void) | undefined;
  const over = () => {
    subscriptions.remove(active);
    record.readsNoMore(active);
    gone?.();
    return held?.over();
  };
  const active: ActiveSubscription<E> = new ActiveSubscription<E>(context, plan, { tell, ends, over }, target, held);
  subscriptions.add(active);
  record.reads(active);
  pipeline.reach(active.watch);
  let begun = false;
  target.add(() => {
    // The next subscription waits until this one's stream is gone. Only then does the service let it continue.
    if (active.streamGoesOn) gone = subscriptions.ending(topic);
    active.stop();
    const position = active.current();
    // Where nothing was received, there is nothing to follow. Where the service keeps the position, it decides where to
    // continue.
    const isFollowed = begun && position !== 'committed' && !(position === undefined && active.untouched);
    ended.add({
      ...{ subscription, lineage, isFollowed, ending: reader.ended() },
      position: position === 'committed' ? undefined : position,
    });
  });
  const begin = () => {
    begun = true;
    return takeOver(stream, lineage);
  };
  active.open(begin, () => subscriptions.ended(topic));
}

function takeOver({ context, plan, ended }: SharedStream<unknown>, lineage: Lineage): StreamPosition | undefined {
  const { topic, keeper } = plan;
  const before = ended.follow(lineage, keeper.from === 'latest');
  if (before === undefined) return undefined;
  if (before === 'unknown') {
    context.logger.warn(cannotTell(topic, keeper.from));
    return undefined;
  }
  if (before.position === undefined) context.logger.warn(cannotGoBack(topic, keeper.from));
  return before.position;
}

function cannotTell(topic: string, replay: unknown): string {
  return (
    `Subscriptions of one Observable of ${topic} have ended, and it cannot be known which of them a new one follows, if any: it ` +
    `starts from '${String(replay)}', and ${replay === 'latest' ? 'what came meanwhile is skipped' : 'what they were given comes again'}. ` +
    'Give each consumer a changes() of its own, put retry() directly after it, or use a replay store with a name for each.'
  );
}

function cannotGoBack(topic: string, replay: unknown): string {
  return (
    `A subscription of ${topic} ended before its first event was settled, and no position before that event is known: it ` +
    `starts from '${String(replay)}' again, ` +
    (replay === 'latest'
      ? "and what came meanwhile is skipped. Start from 'earliest' or from a stored replay id where nothing may be missed."
      : 'and what it was given comes again.')
  );
}

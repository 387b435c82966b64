import type { Subscriber } from 'rxjs';
import type { StreamPosition } from '../ports/replay-store.js';
import type { StatusDetail } from '../ports/status.js';
import type { EndedSubscriptions, Ending } from './ended-subscriptions.js';
import type { EventOf } from './hand-out.js';
import type { HeldToken } from '../position/held-token.js';
import type { Lineage } from './lineage.js';
import { memoryOf, type PositionMemory } from '../position/position-memory.js';
import type { PipelineBehind } from '../settlement/pipeline-behind.js';
import type { ResolvedManagedOptions } from './managed-options.js';
import type { ResolvedSubscribeOptions } from './options.js';
import type { ClientSubscriptions } from './client-subscriptions.js';
import { ActiveSubscription, type StreamContext } from './active-subscription.js';

/** What all subscriptions of one Observable have in common. */
export interface SharedStream<E> {
  readonly context: StreamContext;
  readonly subscriptions: ClientSubscriptions;
  readonly topic: string;
  readonly options: ResolvedSubscribeOptions | ResolvedManagedOptions;
  readonly eventOf: EventOf<E>;
  readonly ended: EndedSubscriptions;
}

/** One of them. */
export interface Reader {
  /** Which of its client's, counted from 1. */
  readonly subscription: number;
  readonly lineage: Lineage;
  /** It ends for a reason of its own. */
  readonly ends: (how: Ending) => void;
  /** How it ended. */
  readonly ended: () => Ending;
  /** What is heard of the pipeline behind it. */
  readonly pipeline: PipelineBehind;
  readonly tell: (make: () => StatusDetail) => void;
}

/** Reads events into a subscriber; when that closes, the next subscription may go on where this one ended. */
export function readInto<E>(stream: SharedStream<E>, reader: Reader, target: Subscriber<E>, held?: HeldToken): void {
  const { context, subscriptions, topic, options, eventOf, ended } = stream;
  const { subscription, lineage, tell, pipeline, ends } = reader;
  const memory = memoryOfPosition(stream);
  let gone: (() => void) | undefined;
  const over = () => {
    subscriptions.remove(run);
    gone?.();
    return held?.over();
  };
  const run: ActiveSubscription<E> = new ActiveSubscription<E>(
    context,
    { topic, memory, tell, ends, over },
    options,
    eventOf,
    target,
    held,
  );
  subscriptions.add(run);
  pipeline.reach(run.watch);
  let begun = false;
  target.add(() => {
    // The service tells the next one where to go on, and lets it once the stream of this one is gone.
    if ('managed' in options) gone = subscriptions.ending(topic);
    run.stop();
    const position = run.current();
    // Where nothing was received, there is nothing to follow. Of a managed subscription the service tells.
    const isFollowed = !('managed' in options) && begun && !(position === undefined && run.untouched);
    ended.add({ subscription, position, lineage, isFollowed, ending: reader.ended() });
  });
  const begin = () => {
    begun = true;
    return takeOver(stream, lineage);
  };
  run.open(begin, 'managed' in options ? () => subscriptions.ended(topic) : undefined);
}

/** Kept by the store's, the service's or, where there is neither, by this Observable's position. */
function memoryOfPosition({ context, topic, options, ended }: SharedStream<unknown>): PositionMemory {
  const { store, name } = options.replay;
  const { transport } = context;
  if (store !== undefined) return memoryOf(transport, store, JSON.stringify([topic, name]));
  return memoryOf(transport, 'managed' in options ? transport : ended, topic);
}

function takeOver(
  { context, topic, options, ended }: SharedStream<unknown>,
  lineage: Lineage,
): StreamPosition | undefined {
  const before = ended.follow(lineage, options.replay.from === 'latest');
  if (before === undefined) return undefined;
  if (before === 'unknown') {
    context.logger.warn(cannotTell(topic, options.replay.from));
    return undefined;
  }
  if (before.position === undefined) context.logger.warn(cannotGoBack(topic, options.replay.from));
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
    `starts from '${String(replay)}' again. With 'latest' that skips what came meanwhile: start from 'earliest' or from a ` +
    'stored replay id where nothing may be missed.'
  );
}

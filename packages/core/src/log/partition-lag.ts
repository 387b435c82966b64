import { ReplayId } from '../model/replay-id.js';
import type { EventLog, LogLag } from '../ports/event-log.js';
import { lagAnswer, logFailed } from '../ports/log-answers.js';
import type { SubscriptionState } from '../subscribe/subscription-state.js';
import { partitionIn } from './partition-topic.js';

/** How far a group of readers is behind the end of a partition that this process reads. */
export interface PartitionLag extends LogLag {
  /** The topic's whole name. */
  readonly topic: string;
  readonly partition: number;
  /** The name of the position, which is that of the group. */
  readonly name: string;
}

/** Whether a subscription reads. Another process knows the position of one that does not. */
const READS: ReadonlySet<SubscriptionState['state']> = new Set(['connected', 'live', 'parked', 'waiting']);

/**
 * Asks a log how far subscriptions to partitions are from its end, counted from the last position that was made durable.
 * One that has no position is left out: it has none, or began at the newest event and has committed nothing yet.
 *
 * Rejects with an `EventLogError` when the log fails for all of them. One that it fails for is left out.
 */
export async function partitionLags(
  log: Pick<EventLog, 'lag'>,
  states: readonly SubscriptionState[],
): Promise<readonly PartitionLag[]> {
  const answers = await Promise.allSettled(states.map((state) => lagOf(log, state)));
  const failed = answers.find((answer) => answer.status === 'rejected');
  const lags = answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []));
  if (failed && lags.length === 0) throw failed.reason;
  return lags;
}

async function lagOf(log: Pick<EventLog, 'lag'>, of: SubscriptionState): Promise<PartitionLag | undefined> {
  const { topic: topicName, name, state } = of;
  const from = positionOf(of);
  if (name === undefined || !READS.has(state) || !(from === 'earliest' || ReplayId.is(from))) return undefined;
  const { topic, partition } = partitionIn(topicName);
  const answer = await log.lag(topic, partition, from === 'earliest' ? undefined : from).catch((thrown: unknown) => {
    throw logFailed(thrown);
  });
  return { topic, partition, name, ...lagAnswer(answer) };
}

/** The last commit, unless another replica has had the lease since. */
function positionOf({ start, lastCommit }: SubscriptionState) {
  return start && lastCommit && lastCommit.at >= start.at ? lastCommit.position : start?.from;
}

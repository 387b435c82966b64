import { ConfigurationError } from '../model/errors.js';
import { checkOptionNames } from '../model/option-names.js';
import { ReplayId } from '../model/replay-id.js';
import type { EventLog, LogLag } from '../ports/event-log.js';
import { lagAnswer, logFailed } from '../ports/log-answers.js';
import type { PositionKey, ReplayStore, StreamPosition } from '../ports/replay-store.js';
import { loadedPosition, storeFailed } from '../ports/store-answers.js';
import type { SubscriptionState } from '../subscribe/subscription-state.js';
import type { LogGroup } from './log-groups.js';
import { partitionIn, partitionTopic } from './partition-topic.js';

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

/** Whose lag is asked for. */
export interface LagOptions {
  /**
   * `'here'`: the partitions that this process reads. `'group'`: also those that other members of its groups read, or
   * nobody. Each of these takes a call of the store. One that this process is about to read, or has just read, is left
   * out.
   *
   * @defaultValue `'here'`
   */
  readonly of?: 'here' | 'group';
}

/**
 * The lag of the partitions that are read here, and of the others of the groups where that is wanted.
 *
 * Rejects with an `EventLogError` when the log fails for all of them, or with the error of the store.
 *
 * @throws rejects with a `ConfigurationError` when the options cannot be right.
 */
export async function lagsOf(
  log: Pick<EventLog, 'lag'>,
  states: readonly SubscriptionState[],
  { groups, ...options }: LagOptions & { readonly groups: readonly LogGroup[] },
): Promise<readonly PartitionLag[]> {
  checkOptionNames(options, ['of'], { of: 'lag()' });
  const { of = 'here' } = options;
  if (!['here', 'group'].includes(of)) throw new ConfigurationError(`of is ${of}, but must be 'here' or 'group'.`);
  if (of === 'here') return partitionLags(log, states);
  return unlessAllFailed([
    ...states.map((state) => lagOf(log, state)),
    ...groups.flatMap((group) => elsewhere(group, states).map((partition) => storedLag(log, group, partition))),
  ]);
}

/**
 * Asks a log how far subscriptions to partitions are from its end, counted from the last position that was made
 * durable. One that has no position is left out: it has none, or began at the newest event and has committed nothing
 * yet.
 *
 * Rejects with an `EventLogError` when the log fails for all of them. One that it fails for is left out.
 */
export function partitionLags(
  log: Pick<EventLog, 'lag'>,
  states: readonly SubscriptionState[],
): Promise<readonly PartitionLag[]> {
  return unlessAllFailed(states.map((state) => lagOf(log, state)));
}

async function unlessAllFailed(asked: readonly Promise<PartitionLag | undefined>[]): Promise<readonly PartitionLag[]> {
  const answers = await Promise.allSettled(asked);
  const failed = answers.find((answer) => answer.status === 'rejected');
  const lags = answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []));
  if (failed && lags.length === 0) throw failed.reason;
  return lags;
}

async function lagOf(log: Pick<EventLog, 'lag'>, of: SubscriptionState): Promise<PartitionLag | undefined> {
  const { topic, name, state } = of;
  const from = positionOf(of);
  if (name === undefined || !READS.has(state) || !(from === 'earliest' || ReplayId.is(from))) return undefined;
  return lagFrom(log, { ...partitionIn(topic), name }, from);
}

/** The partitions of a group whose positions this process neither saves nor loads. */
function elsewhere({ topic, name, partitions }: LogGroup, states: readonly SubscriptionState[]): readonly number[] {
  const here = new Set(states.flatMap((each) => (each.name === name && each.state !== 'standby' ? [each.topic] : [])));
  return Array.from({ length: partitions }, (_, partition) => partition).filter(
    (partition) => !here.has(partitionTopic(topic, partition)),
  );
}

async function storedLag(
  log: Pick<EventLog, 'lag'>,
  { topic, name, store, from, logId }: LogGroup,
  partition: number,
): Promise<PartitionLag | undefined> {
  const key = { organizationId: logId, topic: partitionTopic(topic, partition), name };
  const position = (await stored(store, key)) ?? from;
  if (position !== 'earliest' && !ReplayId.is(position)) return undefined;
  return lagFrom(log, { topic, partition, name }, position);
}

async function stored(store: ReplayStore, key: PositionKey): Promise<StreamPosition | undefined> {
  try {
    return loadedPosition(key, await store.load(key));
  } catch (thrown) {
    throw storeFailed(thrown);
  }
}

async function lagFrom(
  log: Pick<EventLog, 'lag'>,
  of: Pick<PartitionLag, 'topic' | 'partition' | 'name'>,
  from: 'earliest' | ReplayId,
): Promise<PartitionLag> {
  const position = from === 'earliest' ? undefined : from;
  const answer = await log.lag(of.topic, of.partition, position).catch((thrown: unknown) => {
    throw logFailed(thrown);
  });
  return { ...of, ...lagAnswer(answer) };
}

/** The last commit, unless another replica has had the lease since. */
function positionOf({ start, lastCommit }: SubscriptionState) {
  return start && lastCommit && lastCommit.at >= start.at ? lastCommit.position : start?.from;
}

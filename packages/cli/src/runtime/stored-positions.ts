import type { PositionKey, ReplayStore, StreamPosition } from '@rxforce/core';
import { PositionCorruptedError, topicOf } from '@rxforce/core/model';

/** A position that a store has. */
export interface StoredPosition {
  readonly key: PositionKey;
  /** `undefined` where it is damaged. */
  readonly position: StreamPosition | undefined;
  /** What is wrong with it. */
  readonly problem?: string;
}

/** Which positions are meant: those of a topic, with its partitions in a log, and those of a name. */
export interface PositionChoice {
  readonly topic?: string;
  readonly name?: string;
}

/** The positions that a store has, in the order of their topics and names. */
export async function storedPositions(store: ReplayStore, choice: PositionChoice): Promise<readonly StoredPosition[]> {
  // Beside the position of a topic with a snapshot is how far its records were read, which is no position.
  const keys = ((await store.list?.()) ?? []).filter((key) => isMeant(key, choice) && !key.name.endsWith(':snapshot'));
  const read = await Promise.all(keys.map((key) => readPosition(store, key)));
  // One may be deleted meanwhile.
  return read.filter((each) => each !== undefined).sort((a, b) => textOf(a).localeCompare(textOf(b), 'en', NUMERIC));
}

/** Whether a position is one of those that are meant. */
export function isMeant({ topic, name }: Pick<PositionKey, 'topic' | 'name'>, choice: PositionChoice): boolean {
  if (choice.name !== undefined && choice.name !== name) return false;
  if (choice.topic === undefined) return true;
  const wanted = storedTopic(choice.topic);
  return topic === wanted || topic.startsWith(`${wanted}#`);
}

/**
 * The name of a topic in keys of positions. In a log, it may have a number for its partition:
 * `/data/LeadChangeEvent#7`.
 *
 * @throws `ConfigurationError` when it is no name of a topic.
 */
export function storedTopic(given: string): string {
  const [, topic = given, partition = ''] = /^(.+?)(#\d+)$/.exec(given) ?? [];
  return `${topicOf(topic)}${partition}`;
}

/** Whether a topic is a partition of a log. */
export function isPartition(topic: string): boolean {
  return /#\d+$/.test(topic);
}

const NUMERIC = { numeric: true } as const;

function textOf({ key }: StoredPosition): string {
  return `${key.topic} ${key.name} ${key.organizationId}`;
}

async function readPosition(store: ReplayStore, key: PositionKey): Promise<StoredPosition | undefined> {
  try {
    const position = await store.load(key);
    return position && { key, position };
  } catch (error) {
    if (!PositionCorruptedError.is(error)) throw error;
    return { key, position: undefined, problem: error.message };
  }
}

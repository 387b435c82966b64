import type { PositionKey } from '@rxforce/core';
import { damagedPosition, storeCallFailed } from '@rxforce/core/internal';
import { PositionInUseError, type PositionCorruptedError, type ReplayStoreError } from '@rxforce/core/model';
import type { NatsFailure } from './nats-failure.js';

/** A call to JetStream failed. */
export function storeFailure(what: string, { topic }: PositionKey, failure: NatsFailure): ReplayStoreError {
  return storeCallFailed(`${what} of ${topic} on JetStream`, failure, topic);
}

/** The keys could not be listed. */
export function listFailure(failure: NatsFailure): ReplayStoreError {
  return storeCallFailed('Listing the positions on JetStream', failure);
}

/** The key of a position holds something that is not a position. */
export function damaged(key: PositionKey, place: string): PositionCorruptedError {
  const what = `The key ${place} is not the position "${key.name}" of ${key.topic}`;
  return damagedPosition(key, what, ' ("nats kv del")');
}

/** Another process saves the same position. */
export function taken({ topic, name }: PositionKey): PositionInUseError {
  return new PositionInUseError(
    `Another process has saved the position "${name}" of ${topic} since this one has read it. Nothing was saved. Two ` +
      "would overwrite each other's position and lose events: give each consumer a name of its own, or all replicas " +
      'a jetStreamLease().',
    { topic },
  );
}

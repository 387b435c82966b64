import type { PositionKey } from '@rxforce/core';
import { PositionCorruptedError, PositionInUseError, ReplayStoreError } from '@rxforce/core/model';
import type { NatsFailure } from './nats-failure.js';

/** A call to JetStream failed. */
export function storeFailure(what: string, { topic }: PositionKey, failure: NatsFailure): ReplayStoreError {
  const { reason, retriable, cause } = failure;
  return new ReplayStoreError(`${what} of ${topic} on JetStream failed: ${reason}`, { topic, retriable, cause });
}

/** The keys could not be listed. */
export function listFailure({ reason, retriable, cause }: NatsFailure): ReplayStoreError {
  return new ReplayStoreError(`Listing the positions on JetStream failed: ${reason}`, { retriable, cause });
}

/** The key of a position holds something that is not a position. */
export function damaged({ topic, name }: PositionKey, place: string): PositionCorruptedError {
  return new PositionCorruptedError(
    `The key ${place} is not the position "${name}" of ${topic}: it was changed, or written by a newer version of ` +
      'rxforce. Restore it from a backup; or delete it ("nats kv del"), and the subscription starts from its option ' +
      '`from`, as if for the first time.',
    { topic },
  );
}

/** A holder of a newer lease has saved. */
export function outdated({ topic, name }: PositionKey, fence: number): PositionInUseError {
  return new PositionInUseError(
    `The lease of the position "${name}" of ${topic} has passed to another replica: its fencing token is larger than ` +
      `${fence}. Nothing was saved. Whoever waits for the lease next goes on from what the other one commits.`,
    { topic },
  );
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

/** A token that cannot be compared. */
export function noToken({ topic }: PositionKey, fence: number): ReplayStoreError {
  return new ReplayStoreError(
    `The fencing token of the lease is ${fence}, but must be a whole number from 0 to 2^53 - 1.`,
    { topic, retriable: false },
  );
}

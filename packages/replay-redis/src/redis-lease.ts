import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import { randomUUID } from 'node:crypto';
import type { HeldLease, Lease, PositionKey } from '@rxforce/core';
import { LeaseError } from '@rxforce/core/model';
import { ACQUIRE, GIVE_UP, RENEW } from './lease-scripts.js';
import { positionKeys, type PositionKeys } from './position-keys.js';
import { RedisConnection, type RedisConnectionOptions, type RedisSource } from './redis-connection.js';
import type { RedisFailure } from './redis-failure.js';

/** How a `redisLease` is held. */
export interface RedisLeaseOptions extends RedisConnectionOptions {
  /**
   * How long the lease lasts without renewal, in milliseconds, from 100. After this time, another replica may take over
   * from one that died or hangs.
   *
   * @defaultValue 10_000
   */
  readonly ttlMs?: number;
  /**
   * Longest wait for an answer of Redis, in milliseconds, from 1; then the call fails.
   *
   * @defaultValue a third of `ttlMs`, so that there is time for another try, and 5_000 at most
   */
  readonly timeoutMs?: number;
  /**
   * Distinguishes several leases of one subscription. All of its replicas must give the same name: two names are two
   * leases, and then two replicas read.
   *
   * @defaultValue the one lease of the subscription
   */
  readonly name?: string;
}

/** A lease on Redis. */
export interface RedisLease extends Lease {
  /** Closes the connection, if the lease made it from options. Never rejects. */
  close(): Promise<void>;
}

/**
 * Makes a subscription active on one replica at a time. It uses a key on Redis that expires when it is not renewed.
 *
 * - Fencing: each holder has a larger token than all earlier holders. The token is not a plain count. It is at least
 *   the time of Redis' clock in epoch milliseconds, and larger than both the last token that Redis knows and the token
 *   that the position was saved with. So it also grows when a failover or a restart has lost the last one, unless the
 *   clock went back by more than that took.
 * - One at a time: this holds as long as Redis loses no data. Replication lags by some milliseconds: after a failover,
 *   another replica may get the lease while the old holder still believes that it has it, until it renews. As soon as
 *   the new holder has saved, the token of the old holder is refused.
 * - Locks: while a subscription without a lease has the position locked, nobody gets the lease. So a lease can be
 *   introduced while replicas are running.
 * - Time: only Redis measures it. The clocks of the replicas do not matter.
 *
 * @param redis - A client of ioredis, which the caller closes; or the options of one.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function redisLease(redis: RedisSource, options: RedisLeaseOptions = {}): RedisLease {
  const ttlMs = wholeNumber('ttlMs', options.ttlMs ?? 10_000, 100, LONGEST_TIMER_MS);
  const timeoutMs = options.timeoutMs ?? Math.min(5_000, Math.ceil(ttlMs / 3));
  const connection = new RedisConnection(redis, { ...options, timeoutMs });
  return {
    ttlMs,
    acquire: (key) => acquire(connection, key, ttlMs, options.name),
    close: () => connection.close(),
  };
}

async function acquire(
  connection: RedisConnection,
  key: PositionKey,
  ttlMs: number,
  name: string | undefined,
): Promise<HeldLease | undefined> {
  const keys = positionKeys(connection.prefix, key, name);
  // A new owner each time the lease is held: late calls of an earlier holder in this process must not count.
  const owner = randomUUID();
  const answer = await connection.run(
    ACQUIRE,
    [keys.lease, keys.token, keys.position, keys.lock],
    [owner, ttlMs],
    // A lease that was acquired too late is given up, because nobody uses it.
    { lane: keys.lease, late: () => void giveUp(connection, keys, owner) },
  );
  if (answer.err) throw leaseFailure('Acquiring', key, answer.val);
  const token = Number(answer.val);
  return token === 0 ? undefined : heldLease(connection, key, keys, { owner, token, ttlMs });
}

function heldLease(
  connection: RedisConnection,
  key: PositionKey,
  keys: PositionKeys,
  { owner, token, ttlMs }: { readonly owner: string; readonly token: number; readonly ttlMs: number },
): HeldLease {
  return {
    token,
    renew: async () => {
      const answer = await connection.run(RENEW, [keys.lease], [owner, ttlMs], { lane: keys.lease });
      if (answer.err) throw leaseFailure('Renewing', key, answer.val);
      return answer.val === 'held';
    },
    release: () => giveUp(connection, keys, owner),
  };
}

/** Where Redis cannot be reached, the lease expires by itself. */
async function giveUp(connection: RedisConnection, { lease }: PositionKeys, owner: string): Promise<void> {
  await connection.run(GIVE_UP, [lease], [owner], { lane: lease });
}

function leaseFailure(what: string, { topic, name }: PositionKey, failure: RedisFailure): LeaseError {
  const { reason, retriable, cause } = failure;
  return new LeaseError(`${what} the lease of "${name}" of ${topic} on Redis failed: ${reason}`, {
    topic,
    retriable,
    cause,
  });
}

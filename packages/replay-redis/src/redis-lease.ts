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
   * How long the lease is held without being renewed, in milliseconds, from 100: after which time another replica may take
   * over from one that died, or stands still.
   *
   * @defaultValue 10_000
   */
  readonly ttlMs?: number;
  /**
   * Longest time until a call fails that Redis does not answer, in milliseconds, from 1.
   *
   * @defaultValue a third of `ttlMs`, so that there is time for another try, and 5_000 at most
   */
  readonly timeoutMs?: number;
  /**
   * Tells the leases of one subscription apart. All of its replicas must give the same one: two names are two leases, and two
   * replicas that read.
   *
   * @defaultValue the one lease of the subscription
   */
  readonly name?: string;
}

/** A lease on Redis. */
export interface RedisLease extends Lease {
  /** Closes the connection, if the lease was given options and made it. Never rejects. */
  close(): Promise<void>;
}

/**
 * Makes a subscription active on one replica at a time, by a key on Redis that runs out when it is not renewed.
 *
 * - Fencing: each holder has a larger token than all before. It is not a plain count but at least the time of Redis' clock in
 *   epoch milliseconds, larger than the last that Redis knows, and than the one that the position was saved with: so it grows
 *   also when a failover or a restart has lost the last one, unless the clock went back by more than that took.
 * - One at a time: while Redis loses nothing. Replication is behind by some milliseconds: a failover may give the lease to
 *   another while its holder still thinks that it has it, until it renews. What it saves then is refused by its token as soon
 *   as the other has saved.
 * - Locks: while a subscription without a lease has the position locked, nobody gets the lease. So replicas can be given one
 *   while they are running.
 * - Time: counted by Redis alone. The clocks of the replicas do not matter.
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
  // One for each time that it is held: what an earlier holder of this process still sends must not count.
  const owner = randomUUID();
  const answer = await connection.run(
    ACQUIRE,
    [keys.lease, keys.token, keys.position, keys.lock],
    [owner, ttlMs],
    // Nobody knows of it any more.
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

/** Where Redis cannot be reached it runs out by itself. */
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

import type { Cluster, Redis } from 'ioredis';

/** When clients were last told to connect anew, in milliseconds of the process' clock. Several stores may share a client. */
const lastTold = new WeakMap<Redis | Cluster, number>();

/**
 * Makes a client that met a replica look for the master: by its host name, its sentinels, or its cluster. A failover leaves
 * connections to the old master open, and they lead to a replica for ever.
 *
 * Its `reconnectOnError` cannot be relied on: most know only how Redis 7 begins the error of a script.
 *
 * @param redis - Also a client of the caller's. One that never reconnects is left alone: this would end it.
 * @param pauseMs - Shortest time between two attempts, in milliseconds: it may take some until the name leads elsewhere.
 */
export function connectAnew(redis: Redis | Cluster, pauseMs: number): void {
  const now = performance.now();
  if (redis.status !== 'ready' || now - (lastTold.get(redis) ?? -Infinity) < pauseMs) return;
  lastTold.set(redis, now);
  if ('refreshSlotsCache' in redis) redis.refreshSlotsCache();
  else if (reconnects(redis)) redis.disconnect(true);
}

/** Whether a client that is disconnected connects again: a strategy that gives no delay says no. */
function reconnects({ options: { retryStrategy } }: Redis): boolean {
  return typeof retryStrategy === 'function' && typeof retryStrategy(1) === 'number';
}

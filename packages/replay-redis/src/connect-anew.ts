import type { Cluster, Redis } from 'ioredis';

/**
 * When each client was last made to reconnect, in milliseconds of the process' clock. Several stores may share a
 * client.
 */
const lastTold = new WeakMap<Redis | Cluster, number>();

/**
 * Makes a client that met a replica look for the master: by its host name, its sentinels, or its cluster. A failover
 * leaves connections to the old master open, which is a replica from then on.
 *
 * `reconnectOnError` is not reliable: most such functions know only how Redis 7 begins the error of a script.
 *
 * @param redis - The client, which may be the caller's. A client that never reconnects is left alone: this would end
 * it.
 * @param pauseMs - Shortest time between two attempts, in milliseconds: it may take several until the name leads
 * elsewhere.
 */
export function connectAnew(redis: Redis | Cluster, pauseMs: number): void {
  const now = performance.now();
  if (redis.status !== 'ready' || now - (lastTold.get(redis) ?? -Infinity) < pauseMs) return;
  lastTold.set(redis, now);
  if ('refreshSlotsCache' in redis) redis.refreshSlotsCache();
  else if (reconnects(redis)) redis.disconnect(true);
}

/** Whether a disconnected client connects again. It does not when its strategy returns no delay. */
function reconnects({ options: { retryStrategy } }: Redis): boolean {
  return typeof retryStrategy === 'function' && typeof retryStrategy(1) === 'number';
}

import type { Cluster, Redis } from 'ioredis';
import { closed, isFinal } from './redis-failure.js';

/** The wait for a client. */
export interface Readiness {
  /** Resolves when commands can be sent. Rejects when they never can be; otherwise it stays pending. */
  readonly ready: Promise<void>;
  /** Why there is no connection yet. */
  readonly lastError: Error | undefined;
}

/** The current waits, by client. */
const waits = new WeakMap<Redis | Cluster, Readiness>();

/** Waits for a client. All users of the client share one wait, so that listeners do not accumulate. */
export function readinessOf(redis: Redis | Cluster): Readiness {
  const known = waits.get(redis);
  if (known) return known;
  let lastError: Error | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    const done = (settle: () => void) => {
      redis.off('ready', onReady).off('end', onEnd).off('error', onError);
      waits.delete(redis);
      settle();
    };
    const onReady = () => done(resolve);
    // A client that does not try again says why it has not connected; later calls find it closed.
    const onEnd = () => done(() => reject(closed(lastError)));
    const onError = (error: Error) => {
      lastError = error;
      if (isFinal(error)) done(() => reject(error));
    };
    redis.on('ready', onReady).on('end', onEnd).on('error', onError);
    if (redis.status === 'end') onEnd();
    else if (redis.status === 'wait') redis.connect().catch(() => undefined);
  });
  // Nobody may be waiting any more when it rejects.
  ready.catch(() => undefined);
  const readiness = {
    ready,
    get lastError() {
      return lastError;
    },
  };
  if (redis.status !== 'end') waits.set(redis, readiness);
  return readiness;
}

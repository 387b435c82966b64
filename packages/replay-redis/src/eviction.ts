import type { Logger } from '@rxforce/core';
import type { Cluster, Redis } from 'ioredis';
import { messageOf, RedisRefusal } from './redis-failure.js';

/**
 * Finds out whether Redis may delete the keys of rxforce, as a cache deletes keys that were not used for a long time. A
 * deleted position looks like one that was never saved: the subscription would start at its option `from`, and could
 * lose all events before that.
 *
 * @throws `RedisRefusal` where keys without a time to live may be deleted, and `allowEviction` is off.
 */
export async function checkEviction(redis: Redis | Cluster, allowEviction: boolean, logger: Logger): Promise<void> {
  const policies = await policiesOf(redis);
  if (policies.includes(undefined)) logger.warn(UNKNOWN);
  const deletesAny = policies.find((policy) => policy?.startsWith('allkeys-'));
  if (deletesAny !== undefined) {
    const danger = dangerOf(deletesAny);
    if (!allowEviction) throw new RedisRefusal(danger);
    logger.warn(danger);
  }
  const deletesExpiring = policies.find((policy) => policy?.startsWith('volatile-'));
  if (deletesExpiring !== undefined) logger.warn(volatile(deletesExpiring));
}

/** The policies of all masters; `undefined` for one that does not report it. */
async function policiesOf(redis: Redis | Cluster): Promise<readonly (string | undefined)[]> {
  const masters = 'nodes' in redis ? redis.nodes('master') : [redis];
  return Promise.all(masters.map((master) => policyOf(master)));
}

async function policyOf(redis: Redis): Promise<string | undefined> {
  try {
    return /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
  } catch (error) {
    // Some services switch INFO off, and some users may not call it.
    if (/^(NOPERM|ERR unknown)/.test(messageOf(error))) return undefined;
    throw error;
  }
}

function dangerOf(policy: string): string {
  return (
    `The maxmemory-policy of Redis is "${policy}": when it is full it deletes positions and dead letters, which loses ` +
    'events. Set it to "noeviction", or to one of the "volatile-…" policies. `allowEviction: true` goes on all the same.'
  );
}

function volatile(policy: string): string {
  return (
    `The maxmemory-policy of Redis is "${policy}": positions and dead letters are safe from it, locks and leases are not. ` +
    'When one is deleted, two replicas may be active until the first renews; what the first then saves is refused. Set ' +
    'it to "noeviction".'
  );
}

const UNKNOWN =
  'Redis does not tell its maxmemory-policy (INFO memory). See to it that it is "noeviction": with one of the "allkeys-…" ' +
  'policies positions and dead letters are deleted when Redis is full, and events are lost.';

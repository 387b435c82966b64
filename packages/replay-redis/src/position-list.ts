import type { PositionKey } from '@rxforce/core';
import type { Cluster, Redis } from 'ioredis';
import { partsIn } from './redis-keys.js';

/** Keys that are looked at in one call. */
const AT_ONCE = 1_000;

/** The keys of all positions, on every master of a cluster. */
export async function positionTags(redis: Redis | Cluster, prefix: string): Promise<readonly string[]> {
  const nodes = 'nodes' in redis ? redis.nodes('master') : [redis];
  const { keyPrefix = '' } = redis.options;
  // A cluster that moves slots, and a scan itself, may name a key twice.
  return [...new Set((await Promise.all(nodes.map((node) => tagsOf(node, keyPrefix, prefix)))).flat())];
}

async function tagsOf(redis: Redis, keyPrefix: string, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  const pattern = `${keyPrefix}{${prefix}:`.replace(/[\\*?[\]]/g, '\\$&') + '*}';
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', AT_ONCE, 'TYPE', 'string');
    cursor = next;
    found.push(...keys.map((key) => key.slice(keyPrefix.length)));
  } while (cursor !== '0');
  return found;
}

/** The key of a position; `undefined` for a key of something else. */
export function keyInTag(prefix: string, tag: string): PositionKey | undefined {
  const [organizationId, topic, name, ...more] = partsIn(prefix, tag) ?? [];
  const isKey = organizationId !== undefined && topic !== undefined && name !== undefined && more.length === 0;
  return isKey ? { organizationId, topic, name } : undefined;
}

/** Whether a key has all the parts that are asked for. */
export function isPartOf(of: Partial<PositionKey>, key: PositionKey): boolean {
  const { organizationId = key.organizationId, topic = key.topic, name = key.name } = of;
  return organizationId === key.organizationId && topic === key.topic && name === key.name;
}

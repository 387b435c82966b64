import { connect } from '@nats-io/transport-node';
import type { EventLog } from '@rxforce/core';
import { jetStreamLog } from '@rxforce/jetstream';
import { redisLog } from '@rxforce/replay-redis';
import { startNats } from './own-nats.js';
import { startRedis } from './own-redis.js';

/** What keeps a log. */
export type LogEngine = 'redis' | 'jetstream';

const LOG = { name: 'bench', partitions: 16 };

/**
 * An event log on a server of its own.
 *
 * @param bounds - Most entries of a partition.
 */
export async function ownLog(
  engine: LogEngine,
  fail: (error: unknown) => void,
  bounds: { readonly maxEntries?: number } = {},
): Promise<EventLog> {
  const options = { ...LOG, ...bounds };
  if (engine === 'redis') return redisLog({ port: await startRedis(fail) }, options);
  return jetStreamLog(await connect({ servers: await startNats(fail) }), options);
}

import type { Logger } from '@rxforce/core/model';
import type { Configuration } from '../config/settings/settings.js';
import type { Engine } from './engine.js';

/**
 * Opens the engine that a configuration names; `undefined` where everything is in files. What it is made of is loaded
 * only now.
 *
 * @param waits - Whether a server that cannot be connected to is waited for.
 * @throws rejects with a `ConfigurationError` when that cannot be right, or a package is missing.
 */
export async function openEngine(
  { redis, nats }: Configuration,
  logger: Logger,
  waits = true,
): Promise<Engine | undefined> {
  if (redis) return (await import('./redis-engine.js')).redisEngine(redis, logger, waits);
  // A connection to NATS is not waited for: the next call makes another one.
  if (nats) return (await import('./nats-engine.js')).natsEngine(nats, logger);
  return undefined;
}

/**
 * Our client as a relay: the events' bytes go into an event log on a Redis server of its own.
 *
 * @packageDocumentation
 */
import { relayTo } from '@rxforce/operators';
import { redisLog } from '@rxforce/replay-redis';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { startRedis } from './own-redis.js';
import { rxforceClient } from './rxforce-client.js';

const meter = new Meter(LAST_COMMIT_NUMBER);
const port = await startRedis(meter.fail);
/** So many entries of a partition that dropping the oldest is part of what is measured. */
const log = redisLog({ port }, { name: 'bench', partitions: 16, maxEntries: 2_000 });

rxforceClient(meter.parameters)
  .changes('Account', { replay: 'earliest', fields: [], window: 400 })
  .pipe(relayTo(log))
  .subscribe({
    next: ({ header }) => meter.handled(header.sequenceNumber, header.commitNumber),
    error: meter.fail,
  });

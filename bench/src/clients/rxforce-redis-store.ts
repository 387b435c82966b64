/**
 * Our client with its position on a Redis server of its own, which is on the path.
 *
 * @packageDocumentation
 */
import { redisReplayStore } from '@rxforce/replay-redis';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { startRedis } from './own-redis.js';
import { rxforceClient } from './rxforce-client.js';

const meter = new Meter(LAST_COMMIT_NUMBER);
const port = await startRedis(meter.fail);

rxforceClient(meter.parameters)
  .changes('Account', { replay: { from: 'earliest', store: redisReplayStore({ port }) } })
  .subscribe({
    next: ({ header }) => meter.handled(header.sequenceNumber, header.commitNumber),
    error: meter.fail,
  });

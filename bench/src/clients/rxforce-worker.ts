/**
 * A worker that reads all partitions of an event log on a Redis server of its own. The log is filled before, and read again
 * and again.
 *
 * @packageDocumentation
 */
import { defer, lastValueFrom, repeat, take } from 'rxjs';
import { createLogClient } from '@rxforce/core';
import { relayTo } from '@rxforce/operators';
import { redisLog } from '@rxforce/replay-redis';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { startRedis } from './own-redis.js';
import { rxforceClient } from './rxforce-client.js';

/** How many events are in the log. */
const FILLED = 40_000;

const meter = new Meter(LAST_COMMIT_NUMBER);
const port = await startRedis(meter.fail);
const log = redisLog({ port }, { name: 'bench', partitions: 16 });
const reader = rxforceClient(meter.parameters);
const filled$ = reader.changes('Account', { replay: 'earliest', fields: [], window: 400 });
await lastValueFrom(filled$.pipe(relayTo(log), take(FILLED)));
reader.close();

const worker = createLogClient({ log, windowTotal: 3_200 });
// Partitions interleave, so the order of all events is not that of the service.
defer(() => worker.changes('Account', { settle: 'on-return' }).pipe(take(FILLED)))
  .pipe(repeat())
  .subscribe({ next: () => meter.add(1), error: meter.fail });

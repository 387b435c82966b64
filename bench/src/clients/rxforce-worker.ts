/**
 * A worker that reads all partitions of an event log on a server of its own. The log is filled before, and read again
 * and again.
 *
 * @packageDocumentation
 */
import { defer, lastValueFrom, repeat, take } from 'rxjs';
import { createLogClient } from '@rxforce/core';
import { relayTo } from '@rxforce/operators';
import type { ClientParameters } from '../processes/messages.js';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { ownLog, type LogEngine } from './own-log.js';
import { rxforceClient } from './rxforce-client.js';

/** How many events are in the log. */
const FILLED = 40_000;

const meter = new Meter<ClientParameters & { readonly engine: LogEngine }>(LAST_COMMIT_NUMBER);
const log = await ownLog(meter.parameters.engine, meter.fail);
const reader = rxforceClient(meter.parameters);
const filled$ = reader.changes('Account', { replay: 'earliest', fields: [], window: 400 });
await lastValueFrom(filled$.pipe(relayTo(log), take(FILLED)));
reader.close();

const worker = createLogClient({ log, windowTotal: 3_200 });
// Partitions interleave, so the order of all events is not that of the service.
defer(() => worker.changes('Account', { settle: 'on-return' }).pipe(take(FILLED)))
  .pipe(repeat())
  .subscribe({ next: () => meter.add(1), error: meter.fail });

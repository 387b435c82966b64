/**
 * Our client as a relay: the events' bytes go into an event log on a server of its own.
 *
 * @packageDocumentation
 */
import { relayTo } from '@rxforce/operators';
import type { ClientParameters } from '../processes/messages.js';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { ownLog, type LogEngine } from './own-log.js';
import { rxforceClient } from './rxforce-client.js';

const meter = new Meter<ClientParameters & { readonly engine: LogEngine }>(LAST_COMMIT_NUMBER);
/** So many entries of a partition that dropping the oldest is part of what is measured. */
const log = await ownLog(meter.parameters.engine, meter.fail, { maxEntries: 2_000 });

rxforceClient(meter.parameters)
  .changes('Account', { replay: 'earliest', fields: [], window: 400 })
  .pipe(relayTo(log))
  .subscribe({
    next: ({ header }) => meter.handled(header.sequenceNumber, header.commitNumber),
    error: meter.fail,
  });

/**
 * Our client behind a whole pipeline: by type, by field, in batches, with retries and a dead-letter queue. All events pass,
 * so that each costs what an event of interest costs.
 *
 * @packageDocumentation
 */
import { createClient, staticSession } from '@rxforce/core';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { anyOf, batchBy, byChangeType, field, filterChange, retryWithDLQ } from '@rxforce/operators';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { SESSION } from './credentials.js';
import { Meter } from './meter.js';

interface Account {
  AnnualRevenue: number | null;
}

const meter = new Meter(LAST_COMMIT_NUMBER);
const { endpoint, ca } = meter.parameters;
const client = createClient({ auth: staticSession(SESSION), endpoint, tls: { ca } });

client
  .changes<Account>('Account', { replay: 'earliest' })
  .pipe(
    byChangeType('CREATE', 'UPDATE'),
    filterChange(anyOf(field('AnnualRevenue', 'greaterThan', 1_000_000), () => true)),
    batchBy(50, 5_000),
    retryWithDLQ(
      (events) => {
        events.forEach(({ header }) => meter.handled(header.sequenceNumber, header.commitNumber));
        return Promise.resolve();
      },
      { maxRetries: 3, deadLetters: memoryDeadLetterQueue() },
    ),
  )
  .subscribe({ error: meter.fail });

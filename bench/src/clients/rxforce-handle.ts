/**
 * Our client, worked with as its documentation says: in `handle`, with a promise for each event.
 *
 * @packageDocumentation
 */
import { createClient, staticSession } from '@rxforce/core';
import { handle } from '@rxforce/operators';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { SESSION } from './credentials.js';
import { Meter } from './meter.js';

const meter = new Meter(LAST_COMMIT_NUMBER);
const { endpoint, ca } = meter.parameters;
const client = createClient({ auth: staticSession(SESSION), endpoint, tls: { ca } });

client
  .changes('Account', { replay: 'earliest' })
  .pipe(
    handle(({ header }) => {
      meter.handled(header.sequenceNumber, header.commitNumber);
      return Promise.resolve();
    }),
  )
  .subscribe({ error: meter.fail });

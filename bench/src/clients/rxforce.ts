/**
 * Our client, worked with in a plain subscriber.
 *
 * @packageDocumentation
 */
import { createClient, staticSession } from '@rxforce/core';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { SESSION } from './credentials.js';
import { Meter } from './meter.js';

const meter = new Meter(LAST_COMMIT_NUMBER);
const { endpoint, ca } = meter.parameters;
const client = createClient({ auth: staticSession(SESSION), endpoint, tls: { ca } });

client.changes('Account', { replay: 'earliest' }).subscribe({
  next: ({ header }) => meter.handled(header.sequenceNumber, header.commitNumber),
  error: meter.fail,
});

/**
 * Our client with its position in memory: what a store costs that costs nothing.
 *
 * @packageDocumentation
 */
import { createClient, memoryReplayStore, staticSession } from '@rxforce/core';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { SESSION } from './credentials.js';
import { Meter } from './meter.js';

const meter = new Meter(LAST_COMMIT_NUMBER);
const { endpoint, ca } = meter.parameters;
const client = createClient({ auth: staticSession(SESSION), endpoint, tls: { ca } });

client.changes('Account', { replay: { from: 'earliest', store: memoryReplayStore() } }).subscribe({
  next: ({ header }) => meter.handled(header.sequenceNumber, header.commitNumber),
  error: meter.fail,
});

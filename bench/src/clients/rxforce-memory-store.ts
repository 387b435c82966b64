/**
 * Our client with its position in memory: what a store costs that costs nothing.
 *
 * @packageDocumentation
 */
import { memoryReplayStore } from '@rxforce/core';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { rxforceClient } from './rxforce-client.js';

const meter = new Meter(LAST_COMMIT_NUMBER);

rxforceClient(meter.parameters)
  .changes('Account', { replay: { from: 'earliest', store: memoryReplayStore() } })
  .subscribe({
    next: ({ header }) => meter.handled(header.sequenceNumber, header.commitNumber),
    error: meter.fail,
  });

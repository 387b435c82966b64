/**
 * Our client, worked with in a plain subscriber.
 *
 * @packageDocumentation
 */
import type { ClientParameters } from '../processes/messages.js';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { rxforceClient } from './rxforce-client.js';

/** What else it is told. */
interface Parameters extends ClientParameters {
  /** The fields wanted; all if left out. */
  readonly fields?: readonly string[];
}

const meter = new Meter<Parameters>(LAST_COMMIT_NUMBER);
const { fields } = meter.parameters;

rxforceClient(meter.parameters)
  .changes('Account', { replay: 'earliest', ...(fields && { fields }) })
  .subscribe({
    next: ({ header }) => meter.handled(header.sequenceNumber, header.commitNumber),
    error: meter.fail,
  });

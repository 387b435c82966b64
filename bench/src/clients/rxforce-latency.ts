/**
 * Our client, at a pace that leaves it time.
 *
 * @packageDocumentation
 */
import { TOPICS } from '../server/topics.js';
import { LatencyMeter } from './latency-meter.js';
import { rxforceClient } from './rxforce-client.js';

const meter = new LatencyMeter();

rxforceClient(meter.parameters)
  .changes(TOPICS.paced, { replay: 'earliest' })
  .subscribe({ next: ({ header }) => meter.handled(header.commitTimestamp), error: meter.fail });

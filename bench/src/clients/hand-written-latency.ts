/**
 * The loop written by hand, at a pace that leaves it time.
 *
 * @packageDocumentation
 */
import { TOPICS } from '../server/topics.js';
import { EXACT_LONG } from './exact-long.js';
import { handWrittenLoop } from './hand-written-loop.js';
import { LatencyMeter } from './latency-meter.js';

const meter = new LatencyMeter();

await handWrittenLoop({
  address: meter.parameters,
  topicName: TOPICS.paced,
  registry: { long: EXACT_LONG },
  handle: ({ commitTimestamp }) => meter.handled(commitTimestamp),
  fail: meter.fail,
});

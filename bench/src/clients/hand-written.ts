/**
 * A loop written by hand. With 64-bit numbers read as they are, it does what any correct loop must do, since commit
 * numbers exceed 2^53. Without, it is avsc as it comes, on events with smaller numbers: the comparison that favours the
 * loop most.
 *
 * @packageDocumentation
 */
import type { ClientParameters } from '../processes/messages.js';
import { LAST_COMMIT_NUMBER, LAST_SMALL_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { EXACT_LONG } from './exact-long.js';
import { handWrittenLoop } from './hand-written-loop.js';
import { Meter } from './meter.js';
import { parameters } from '../processes/child-side.js';

const { exact } = parameters<ClientParameters & { readonly exact: boolean }>();
const meter = new Meter(exact ? LAST_COMMIT_NUMBER : LAST_SMALL_COMMIT_NUMBER);

await handWrittenLoop({
  address: meter.parameters,
  topicName: exact ? TOPICS.account : TOPICS.smallNumbers,
  registry: exact ? { long: EXACT_LONG } : {},
  handle: ({ sequenceNumber, commitNumber }) => meter.handled(sequenceNumber, commitNumber),
  fail: meter.fail,
});

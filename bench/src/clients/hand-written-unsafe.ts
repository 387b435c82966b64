/**
 * A loop written by hand with avsc as it comes, which cannot read numbers beyond 2^53, on events that have none: the
 * comparison that favours the loop most.
 *
 * @packageDocumentation
 */
import { LAST_SMALL_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { handWrittenLoop } from './hand-written-loop.js';
import { Meter } from './meter.js';

await handWrittenLoop(new Meter(LAST_SMALL_COMMIT_NUMBER), TOPICS.smallNumbers, {});

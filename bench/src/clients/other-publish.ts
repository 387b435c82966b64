/**
 * `salesforce-pubsub-api-client`, publishing event by event, with many calls under way.
 *
 * @packageDocumentation
 */
import { LAST_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { Meter } from './meter.js';
import { nextBranchedOrder } from './orders.js';
import { otherClient } from './other-client.js';

const UNDER_WAY = 100;

const meter = new Meter(LAST_COMMIT_NUMBER);
const client = await otherClient(meter.parameters);

async function publish(): Promise<never> {
  for (;;) {
    await client.publish(TOPICS.order, nextBranchedOrder());
    meter.add(1);
  }
}

for (let call = 0; call < UNDER_WAY; call++) void publish().catch(meter.fail);

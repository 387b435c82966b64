/**
 * `salesforce-pubsub-api-client`, publishing on a stream: four batches of 200 events under way.
 *
 * @packageDocumentation
 */
import { randomUUID } from 'node:crypto';
import { LAST_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { Meter } from './meter.js';
import { nextBranchedOrder } from './orders.js';
import { otherClient } from './other-client.js';

const BATCHES = 4;
const EVENTS = 200;

const meter = new Meter(LAST_COMMIT_NUMBER);
const client = await otherClient(meter.parameters);

async function send(): Promise<void> {
  const events = Array.from({ length: EVENTS }, () => ({ id: randomUUID(), payload: nextBranchedOrder() }));
  await client.publishBatch(TOPICS.order, events, (_, type, data) => {
    if (type === 'error') meter.fail(data);
    if (type !== 'publishResponse') return;
    meter.add((data as { readonly results: readonly unknown[] }).results.length);
    send().catch(meter.fail);
  });
}

for (let batch = 0; batch < BATCHES; batch++) await send();

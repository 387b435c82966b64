/**
 * A loop written by hand that publishes on a stream: four requests of 200 events under way, another one for each
 * answer. It looks at no error of an event.
 *
 * @packageDocumentation
 */
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import avro from 'avsc';
import { LAST_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { Meter } from './meter.js';
import { nextOrder } from './orders.js';
import { pubSubStub, sessionMetadata } from './pubsub-stub.js';

const REQUESTS = 4;
const EVENTS = 200;

const meter = new Meter(LAST_COMMIT_NUMBER);
const client = pubSubStub(meter.parameters);
const metadata = sessionMetadata();
const { schemaId } = await promisify(client.GetTopic.bind(client))({ topicName: TOPICS.order }, metadata);
const { schemaJson } = await promisify(client.GetSchema.bind(client))({ schemaId }, metadata);
const type = avro.Type.forSchema(JSON.parse(schemaJson) as avro.Schema, { wrapUnions: false });

const stream = client.PublishStream(metadata);
const send = () => {
  const events = Array.from({ length: EVENTS }, () => ({
    id: randomUUID(),
    schemaId,
    payload: type.toBuffer(nextOrder()),
  }));
  stream.write({ topicName: TOPICS.order, events });
};
stream.on('error', meter.fail);
stream.on('data', ({ results }: { readonly results: readonly unknown[] }) => {
  meter.add(results.length);
  send();
});
for (let request = 0; request < REQUESTS; request++) send();

/**
 * Takes responses and asks for more, without a look inside: how fast the server and grpc-js can be at most. If this
 * were not far above the clients, the bench would measure the server.
 *
 * @packageDocumentation
 */
import { LAST_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { Meter } from './meter.js';
import { pubSubStub, sessionMetadata } from './pubsub-stub.js';

/** What is asked for at a time comes in one response. */
const EVENTS_AT_A_TIME = 50;

const meter = new Meter(LAST_COMMIT_NUMBER);
const stream = pubSubStub(meter.parameters, (bytes) => bytes.length).Subscribe(sessionMetadata());
const ask = (numRequested: number) => stream.write({ topicName: TOPICS.account, replayPreset: 1, numRequested });

stream.on('error', meter.fail);
stream.on('data', () => {
  ask(EVENTS_AT_A_TIME);
  meter.add(EVENTS_AT_A_TIME);
});
ask(2 * EVENTS_AT_A_TIME);

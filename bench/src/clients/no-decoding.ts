/**
 * Takes responses and asks for more, without a look inside: how fast the server and grpc-js can be at most. If this were
 * not far above the clients, the bench would measure the server.
 *
 * @packageDocumentation
 */
import { LAST_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { Meter } from './meter.js';
import { pubSubStub, sessionMetadata } from './pubsub-stub.js';

/** All that was asked for comes in one response, so every response has as many events as were asked for at a time. */
const EVENTS_AT_A_TIME = 50;

const meter = new Meter(LAST_COMMIT_NUMBER);
const stream = pubSubStub(meter.parameters, (bytes) => bytes.length).Subscribe(sessionMetadata());
const ask = () => stream.write({ topicName: TOPICS.account, replayPreset: 1, numRequested: EVENTS_AT_A_TIME });

stream.on('error', meter.fail);
stream.on('data', () => {
  ask();
  meter.add(EVENTS_AT_A_TIME);
});
ask();
ask();

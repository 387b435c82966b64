/**
 * The server that all clients are measured against, in a process of its own. It prints nothing: the parent process gets
 * its address and certificate as a message.
 *
 * @packageDocumentation
 */
import {
  Server,
  ServerCredentials,
  status,
  type ServerDuplexStream,
  type ServiceDefinition,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { generate } from 'selfsigned';
import { endWithParent, parameters, tellParent } from '../processes/child-side.js';
import type { ServerAddress, ServerParameters } from '../processes/messages.js';
import { loadPubSub, PUB_SUB } from '../proto.js';
import { ACCOUNT_SCHEMA_ID, accountPayloads } from './account-payloads.js';
import { accountSchemaJson } from './account-schema.js';
import { EventRing } from './event-ring.js';
import { Feed } from './feed.js';
import { LAST_COMMIT_NUMBER, LAST_SMALL_COMMIT_NUMBER, RING_SIZE, TOPICS } from './topics.js';

interface FetchRequest {
  readonly topicName: string;
  readonly numRequested: number;
}

const { delayMs, eventsPerStream } = parameters<ServerParameters>();

const rings = new Map(
  [
    { topic: TOPICS.account, lastCommitNumber: LAST_COMMIT_NUMBER },
    { topic: TOPICS.smallNumbers, lastCommitNumber: LAST_SMALL_COMMIT_NUMBER },
  ].map(({ topic, lastCommitNumber }) => [
    topic as string,
    new EventRing(accountPayloads(RING_SIZE, lastCommitNumber), ACCOUNT_SCHEMA_ID),
  ]),
);

/** The whole delay of a round trip is spent on the request's way in: it makes no difference to the client. */
function delayed(act: () => void): void {
  if (delayMs > 0) setTimeout(act, delayMs);
  else act();
}

function subscribe(call: ServerDuplexStream<FetchRequest, Buffer>): void {
  let feed: Feed | undefined;
  call.on('error', () => undefined);
  call.on('end', () => call.end());
  call.on('data', ({ topicName, numRequested }: FetchRequest) =>
    delayed(() => {
      if (call.cancelled) return;
      const ring = rings.get(topicName);
      if (feed === undefined && ring !== undefined) {
        feed = new Feed(ring, eventsPerStream ?? Infinity, (response) => call.write(response));
      }
      if (feed === undefined || numRequested < 1) {
        call.emit('error', { code: status.INVALID_ARGUMENT, details: 'Unknown topic, or nothing requested.' });
      } else {
        feed.request(numRequested);
      }
    }),
  );
}

function getSchema({ request }: ServerUnaryCall<{ schemaId: string }, unknown>, reply: sendUnaryData<unknown>): void {
  reply(null, { schemaId: request.schemaId, schemaJson: accountSchemaJson() });
}

function getTopic({ request }: ServerUnaryCall<{ topicName: string }, unknown>, reply: sendUnaryData<unknown>): void {
  reply(null, { topicName: request.topicName, canSubscribe: true, schemaId: ACCOUNT_SCHEMA_ID });
}

/** The service's own methods, but that FetchResponses are encoded already. */
function service(): ServiceDefinition {
  const definition = loadPubSub({})[PUB_SUB] as ServiceDefinition;
  const { Subscribe, GetSchema, GetTopic } = definition;
  if (!Subscribe || !GetSchema || !GetTopic) throw new Error('The service lacks a method.');
  return { Subscribe: { ...Subscribe, responseSerialize: (response: Buffer) => response }, GetSchema, GetTopic };
}

async function start(): Promise<void> {
  const pem = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  const server = new Server({ 'grpc-node.flow_control_window': 4 * 1024 * 1024 });
  server.addService(service(), { Subscribe: subscribe, GetSchema: getSchema, GetTopic: getTopic });
  const credentials = ServerCredentials.createSsl(null, [
    { private_key: Buffer.from(pem.private), cert_chain: Buffer.from(pem.cert) },
  ]);
  server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
    if (error) throw error;
    tellParent({ endpoint: `localhost:${port}`, ca: pem.cert } satisfies ServerAddress);
  });
}

endWithParent();
await start();

/**
 * The server that all clients are measured against, in a process of its own. It prints nothing: the parent process gets
 * its address and certificate as a message.
 *
 * @packageDocumentation
 */
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { endWithParent, parameters, tellParent } from '../processes/child-side.js';
import type { ServerAddress, ServerParameters } from '../processes/messages.js';
import { loadPubSub, PUB_SUB } from '../proto.js';
import { ACCOUNT_SCHEMA_ID } from './account-payloads.js';
import { accountSchemaJson } from './account-schema.js';
import { makeCertificate } from './certificate.js';
import { ORDER_SCHEMA_ID, ORDER_SCHEMA_JSON } from './order-schema.js';
import { servePublish, servePublishStream } from './publish.js';
import { serveSubscribe } from './subscribe.js';
import { TOPICS } from './topics.js';

type Reply = sendUnaryData<unknown>;

const { delayMs } = parameters<ServerParameters>();

const METHODS: UntypedServiceImplementation = {
  Subscribe: (call: Parameters<typeof serveSubscribe>[0]) => serveSubscribe(call, delayMs),
  Publish: servePublish,
  PublishStream: servePublishStream,
  GetSchema: ({ request: { schemaId } }: ServerUnaryCall<{ schemaId: string }, unknown>, reply: Reply) =>
    reply(null, { schemaId, schemaJson: schemaId === ORDER_SCHEMA_ID ? ORDER_SCHEMA_JSON : accountSchemaJson() }),
  GetTopic: ({ request: { topicName } }: ServerUnaryCall<{ topicName: string }, unknown>, reply: Reply) => {
    const canPublish = topicName === TOPICS.order;
    const schemaId = canPublish ? ORDER_SCHEMA_ID : ACCOUNT_SCHEMA_ID;
    reply(null, { topicName, canSubscribe: true, canPublish, schemaId });
  },
};

/** The service's own methods that are served, but that FetchResponses are encoded already. */
function service(): ServiceDefinition {
  const definition = loadPubSub({})[PUB_SUB] as ServiceDefinition;
  const served = Object.entries(definition).filter(([name]) => name in METHODS);
  return Object.fromEntries(
    served.map(([name, method]) => [
      name,
      name === 'Subscribe' ? { ...method, responseSerialize: (response: Buffer) => response } : method,
    ]),
  );
}

async function start(): Promise<void> {
  const pem = await makeCertificate();
  const server = new Server({ 'grpc-node.flow_control_window': 4 * 1024 * 1024 });
  server.addService(service(), METHODS);
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

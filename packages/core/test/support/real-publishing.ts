import { NEVER, of } from 'rxjs';
import { clientCredentials } from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { sharedSession } from '../../src/login/shared-session.js';
import { grpcTransport } from '../../src/grpc/transport.js';
import { publishing, type PublishContext, type Publishing } from '../../src/publish/publishing.js';
import { SchemaRegistry } from '../../src/codec/schema-registry.js';

/**
 * A connection that a test has killed is noticed at once, where a client takes up to 45 seconds; and grpc-js makes
 * another without its pause of a second. On a slow machine, one that nobody has killed may count as such.
 */
const IMPATIENT = {
  'grpc.keepalive_time_ms': 300,
  'grpc.keepalive_timeout_ms': 300,
  'grpc.initial_reconnect_backoff_ms': 20,
};

/** The publishing part of a client, on a connection of its own. */
export interface RealPublishing extends Publishing {
  close(): void;
}

/**
 * Publishes to an emulator over the network, with the parts that a test wants to be others.
 *
 * @param channelOptions - Those of a client, `{}`, where the test kills no connection.
 */
export function publishingTo(
  emulator: Emulator,
  context: Pick<PublishContext, 'scheduler'> & Partial<PublishContext>,
  channelOptions: Readonly<Record<string, number>> = IMPATIENT,
): RealPublishing {
  const { httpUrl, credentials, ca, grpcEndpoint: endpoint } = emulator;
  const { clientId, clientSecret } = credentials;
  const auth = clientCredentials({ loginUrl: httpUrl, clientId, clientSecret });
  const tls = ca === undefined ? undefined : { ca };
  const transport = grpcTransport({ endpoint, tls, channelOptions }, sharedSession(auth));
  const parts = publishing({
    transport,
    schemas: new SchemaRegistry(transport),
    user: () => of('005000000000001AAA'),
    completed: NEVER,
    random: () => 0.5,
    logger: { warn: () => undefined },
    statusOf: () => () => undefined,
    ...context,
  });
  return { ...parts, close: () => transport.close() };
}

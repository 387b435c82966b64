import PubSubApiClient from 'salesforce-pubsub-api-client';
import type { ServerAddress } from '../processes/messages.js';
import { SESSION } from './credentials.js';
import { fail } from './process-figures.js';

const ignore = () => undefined;

/** `salesforce-pubsub-api-client` as it is, connected. */
export async function otherClient({ endpoint }: ServerAddress): Promise<PubSubApiClient> {
  const client = new PubSubApiClient(
    // It takes no certificate.
    { authType: 'user-supplied', ...SESSION, pubSubEndpoint: endpoint, rejectUnauthorizedSsl: false },
    // The texts it logs are made before the logger gets them: what that costs is the client's own.
    { debug: ignore, info: ignore, warn: ignore, error: fail },
  );
  await client.connect();
  return client;
}

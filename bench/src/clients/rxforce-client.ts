import { createClient, staticSession, type PubSubClient } from '@rxforce/core';
import type { ServerAddress } from '../processes/messages.js';
import { SESSION } from './credentials.js';

/** Our client, with a session that was opened elsewhere. */
export function rxforceClient({ endpoint, ca }: ServerAddress): PubSubClient {
  return createClient({ auth: staticSession(SESSION), endpoint, tls: { ca } });
}

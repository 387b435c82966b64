import type { Metadata } from '@grpc/grpc-js';
import type { Refusal } from '../flow/refusal.js';
import type { Sessions } from '../sessions/sessions.js';

/** Checks the session that every call must name in its metadata: access token, instance URL and tenant id. */
export function authenticate(metadata: Metadata, sessions: Sessions): Refusal | undefined {
  const problem = sessions.problemOf({
    accessToken: first(metadata, 'accesstoken'),
    instanceUrl: first(metadata, 'instanceurl'),
    tenantId: first(metadata, 'tenantid'),
  });
  return problem === undefined
    ? undefined
    : { reason: 'not-authenticated', message: `Authentication failed. ${problem}` };
}

function first(metadata: Metadata, key: string): string | undefined {
  return metadata.get(key)[0]?.toString();
}

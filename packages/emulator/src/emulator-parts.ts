import { Bus } from './bus/bus.js';
import { CommitDelays } from './faults/commit-delays.js';
import { Corruptions } from './faults/corruptions.js';
import { Reports } from './faults/reports.js';
import { CallSettings } from './grpc/call-settings.js';
import { PubSubServer } from './grpc/pubsub-server.js';
import { HttpServer } from './http/http-server.js';
import { ManagedSubscriptions } from './managed/managed-subscriptions.js';
import { createRandom } from './model/random.js';
import { sharedCertificate } from './net/certificate.js';
import { MemoryOrg } from './org/org.js';
import type { ResolvedEmulatorOptions } from './emulator-options.js';
import { RestState } from './rest/rest-state.js';
import { SchemaRegistry } from './schemas/schema-registry.js';
import { makeAppKey } from './sessions/app-key.js';
import { LoginRefusals } from './sessions/login-refusals.js';
import { createIdentity, type EmulatorCredentials, Sessions } from './sessions/sessions.js';

/** Makes the org, the log of its events, and what is planned to go wrong with them. */
export function makeOrg(options: ResolvedEmulatorOptions) {
  const { retentionMs, now, seed, maxChangesPerTransaction } = options;
  const random = createRandom(seed);
  const identity = createIdentity(random);
  const schemas = new SchemaRegistry();
  const corruptions = new Corruptions();
  const reports = new Reports();
  const refusals = new LoginRefusals();
  const delays = new CommitDelays(random);
  const bus = new Bus({ retentionMs, now, random, nextAlteration: (topics) => corruptions.next(topics) });
  const org = new MemoryOrg({
    bus,
    schemas,
    random,
    now,
    user: identity.userId,
    maxChangesPerTransaction,
    nextReport: (entities) => reports.next(entities),
    nextCommitDelay: (entities) => delays.next(entities),
  });
  const managed = new ManagedSubscriptions(bus, random);
  const rest = new RestState(options);
  return { random, identity, schemas, bus, org, managed, rest, corruptions, reports, refusals, delays };
}

/** What `makeOrg` makes. */
export type OrgParts = ReturnType<typeof makeOrg>;

/** Opens the servers. Where one of them cannot have its port, nothing stays open. */
export async function openServers(
  options: ResolvedEmulatorOptions,
  { identity, bus, schemas, random, managed }: OrgParts,
) {
  const { tls, https, now } = options;
  const certificate = tls || https ? await sharedCertificate() : undefined;
  const appKey = await makeAppKey();
  const http = new HttpServer(https ? certificate : undefined, now);
  try {
    const httpUrl = await http.listen(options.httpPort);
    const sessions = new Sessions(identity, httpUrl, options.jwtAccessTokens ? 'jwt' : 'opaque');
    const settings = new CallSettings(options);
    const grpc = new PubSubServer(
      { bus, schemas, sessions, random, managed, now, options: settings },
      tls ? certificate : undefined,
    );
    const grpcPort = await grpc.listen(options.grpcPort);
    const close = async (): Promise<void> => {
      await Promise.all([grpc.close(), http.close(), appKey.removeFile()]);
    };
    return { certificate, appKey, http, httpUrl, sessions, settings, grpc, grpcPort, close };
  } catch (error) {
    await Promise.all([http.close(), appKey.removeFile()]);
    throw error;
  }
}

/** What `openServers` opens. */
export type ServerParts = Awaited<ReturnType<typeof openServers>>;

/** The credentials for logins to these servers, with a new session. */
export function credentialsOf({ identity }: OrgParts, { appKey, sessions, httpUrl }: ServerParts): EmulatorCredentials {
  const { organizationId, username, password, securityToken, clientId, clientSecret } = identity;
  return {
    clientId,
    clientSecret,
    username,
    password,
    securityToken,
    privateKeyPath: appKey.path,
    accessToken: sessions.issue(),
    instanceUrl: httpUrl,
    organizationId,
  };
}

import { Bus } from './bus/bus.js';
import { EventLists, type LogEntry } from './bus/event-lists.js';
import { sharedCertificate } from './net/certificate.js';
import { type EmulatorOptions, resolveEmulatorOptions } from './emulator-options.js';
import type { SubscriptionSnapshot } from './flow/subscription.js';
import { CommitDelays } from './faults/commit-delays.js';
import { Corruptions } from './faults/corruptions.js';
import { createFaults, type Faults } from './faults/faults.js';
import { topicNamed } from './faults/fault-context.js';
import { Reports } from './faults/reports.js';
import { CallSettings } from './grpc/call-settings.js';
import type { PublishStreamSnapshot } from './grpc/live-calls.js';
import { PubSubServer } from './grpc/pubsub-server.js';
import { DEFINE_PATH, defineRoutes } from './control/define-routes.js';
import { FAULTS_PATH, faultRoutes } from './control/fault-routes.js';
import { HttpServer } from './http/http-server.js';
import { oauthRoutes } from './login/oauth.js';
import { ownPagesOnly } from './control/own-pages-only.js';
import { soapRoutes } from './login/soap-login.js';
import type { Load, LoadOptions } from './load/load-generator.js';
import { Loads } from './load/loads.js';
import type { ManagedSubscriptionLog } from './managed/managed-subscription.js';
import { ManagedSubscriptions } from './managed/managed-subscriptions.js';
import { MemoryOrg, type Org } from './org/org.js';
import { createRandom } from './model/random.js';
import { type Recording, serveRecording } from './recorded-events.js';
import { restRoutes } from './rest/rest-routes.js';
import { RestState } from './rest/rest-state.js';
import { SchemaRegistry } from './schemas/schema-registry.js';
import { makeAppKey } from './sessions/app-key.js';
import { Authorizations } from './sessions/authorizations.js';
import { LoginRefusals } from './sessions/login-refusals.js';
import type { PageServer } from '@rxforce/live-page/page';
import type { UiContext } from './ui/ui-context.js';
import { createIdentity, type EmulatorCredentials, Sessions } from './sessions/sessions.js';

/** Loaded only where there is a page. */
async function openUi(port: number, context: UiContext): Promise<PageServer> {
  const { serveUi } = await import('./ui/serve-ui.js');
  return serveUi(port, context);
}

/** A running emulator: the Pub/Sub API on gRPC, the login endpoints on HTTP, and the org behind them. */
export interface Emulator {
  /** The address of the Pub/Sub API: `localhost:PORT`. */
  readonly grpcEndpoint: string;
  /** The login URL and the org's instance URL: `http://localhost:PORT`, or `https://` with the option `https`. */
  readonly httpUrl: string;
  /** The certificate authority that clients must trust, in PEM; `undefined` when neither server speaks TLS. */
  readonly ca: string | undefined;
  /** The URL for faults: POST to a fault's name below it, or GET for a list. */
  readonly faultsUrl: string;
  /** The address of the page, with the option `ui`. */
  readonly uiUrl: string | undefined;
  /** The URL for definitions of objects and platform events: POST definitions, or GET for a list. */
  readonly defineUrl: string;
  readonly credentials: EmulatorCredentials;
  readonly org: Org;
  /** The managed subscriptions of the org, which keep their position on the server, and their committed positions. */
  readonly managedSubscriptions: ManagedSubscriptionLog;
  /**
   * Appends recorded events to a topic, with their own schemas and replay ids, and creates the topic if it is missing.
   * Throws a `ConfigurationError` when an event's schema is not known.
   */
  serveRecorded(topic: string, recording: Recording): void;
  /** The faults that can be caused on command. */
  readonly faults: Faults;
  /** The Subscribe and ManagedSubscribe calls that are live now, without those that a fault has silenced. */
  subscriptions(): SubscriptionSnapshot[];
  /** The PublishStream calls that are live now, without those that a fault has silenced. */
  publishStreams(): PublishStreamSnapshot[];
  /** The events that the log holds for a topic, in order. Throws a `ConfigurationError` when there is no such topic. */
  log(topic: string): readonly LogEntry[];
  /** Sends a keepalive now, after the existing events, to all live streams with demand. */
  keepalive(): void;
  /** Begins to change records of the org at a steady rate, until the load or the emulator is stopped. */
  startLoad(options: LoadOptions): Load;
  /** Ends all streams and loads, frees both ports and removes the key's file. Can be called again. */
  stop(): Promise<void>;
}

/**
 * Starts an emulator.
 *
 * @throws `ConfigurationError` when an option is out of its range, or a port is in use.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const resolved = resolveEmulatorOptions(options);
  const { now, retentionMs, seed, maxChangesPerTransaction } = resolved;
  const random = createRandom(seed);
  const identity = createIdentity(random);
  const schemas = new SchemaRegistry();
  const corruptions = new Corruptions();
  const nextAlteration = corruptions.next.bind(corruptions);
  const bus = new Bus({ retentionMs, now, random, nextAlteration });
  const lists = new EventLists(bus);
  const reports = new Reports();
  const nextReport = reports.next.bind(reports);
  const { userId: user } = identity;
  const delays = new CommitDelays(random);
  const nextCommitDelay = delays.next.bind(delays);
  const reported = { nextReport, nextCommitDelay };
  const org = new MemoryOrg({ bus, schemas, random, now, user, maxChangesPerTransaction, ...reported });
  const rest = new RestState(resolved);
  const managed = new ManagedSubscriptions(bus, random);

  const certificate = resolved.tls || resolved.https ? await sharedCertificate() : undefined;
  const appKey = await makeAppKey();
  const http = new HttpServer(resolved.https ? certificate : undefined, now);
  const clearUp = async (error: unknown): Promise<never> => {
    await Promise.all([http.close(), appKey.removeFile()]);
    throw error;
  };
  const httpUrl = await http.listen(resolved.httpPort).catch(clearUp);
  const sessions = new Sessions(identity, httpUrl, resolved.jwtAccessTokens ? 'jwt' : 'opaque');
  const refusals = new LoginRefusals();

  const settings = new CallSettings(resolved);
  const grpc = new PubSubServer(
    { bus, schemas, sessions, random, managed, now, options: settings },
    resolved.tls ? certificate : undefined,
  );
  const grpcPort = await grpc.listen(resolved.grpcPort).catch(clearUp);

  const stopping = new AbortController();
  const faults = createFaults({
    bus,
    org,
    managed,
    server: grpc,
    settings,
    sessions,
    refusals,
    corruptions,
    reports,
    delays,
    rest,
    stopping: stopping.signal,
  });
  const { rotateRefreshTokens } = resolved;
  const { publicKey } = appKey;
  const logins = { sessions, authorizations: new Authorizations(now), refusals, instanceUrl: httpUrl, publicKey, now };
  http.route([
    ...oauthRoutes({ ...logins, rotateRefreshTokens }),
    ...soapRoutes(logins),
    ...restRoutes({ org, bus, schemas, random, sessions, managed, instanceUrl: httpUrl, state: rest, now }),
    ...ownPagesOnly([...faultRoutes(faults), ...defineRoutes(org)]),
  ]);

  const loads = new Loads({ org, countEvents: () => bus.appended + org.held.events, seed });
  const stopAll = async (): Promise<void> => {
    stopping.abort();
    loads.close();
    org.held.drop();
    await Promise.all([ui?.close(), grpc.close(), http.close(), appKey.removeFile()]);
  };
  let stopped: Promise<void> | undefined;
  const subscriptions = () => grpc.calls.events().map((call) => call.snapshot());
  const publishStreams = () => grpc.calls.publishing().map((call) => call.snapshot());
  const shown = { org, schemas, faults, subscriptions, publishStreams, loads, now };
  const ui = resolved.ui
    ? await openUi(resolved.uiPort, shown).catch(async (error: unknown) => {
        await grpc.close();
        return clearUp(error);
      })
    : undefined;

  return {
    grpcEndpoint: `localhost:${grpcPort}`,
    httpUrl,
    ca: certificate?.ca,
    faultsUrl: `${httpUrl}${FAULTS_PATH}`,
    defineUrl: `${httpUrl}${DEFINE_PATH}`,
    uiUrl: ui?.url,
    credentials: {
      clientId: identity.clientId,
      clientSecret: identity.clientSecret,
      username: identity.username,
      password: identity.password,
      securityToken: identity.securityToken,
      privateKeyPath: appKey.path,
      accessToken: sessions.issue(),
      instanceUrl: httpUrl,
      organizationId: identity.organizationId,
    },
    org,
    managedSubscriptions: managed,
    serveRecorded: (topic, recording) => serveRecording(bus, schemas, topic, recording),
    faults,
    subscriptions,
    publishStreams,
    log: (topic) => lists.of(topicNamed(bus, topic)),
    keepalive: () => grpc.calls.events().forEach((call) => call.keepalive()),
    startLoad: (loadOptions) => loads.start(loadOptions),
    stop: () => (stopped ??= stopAll()),
  };
}

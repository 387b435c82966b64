import type { PageServer } from '@rxforce/live-page/page';
import { EventLists, type LogEntry } from './bus/event-lists.js';
import { DEFINE_PATH, defineRoutes } from './control/define-routes.js';
import { FAULTS_PATH, faultRoutes } from './control/fault-routes.js';
import { ownPagesOnly } from './control/own-pages-only.js';
import { type EmulatorOptions, resolveEmulatorOptions, type ResolvedEmulatorOptions } from './emulator-options.js';
import { credentialsOf, makeOrg, openServers, type OrgParts, type ServerParts } from './emulator-parts.js';
import { topicNamed } from './faults/fault-context.js';
import { createFaults, type Faults } from './faults/faults.js';
import type { SubscriptionSnapshot } from './flow/subscription.js';
import type { PublishStreamSnapshot } from './grpc/live-calls.js';
import type { Route } from './http/route.js';
import type { Load, LoadOptions } from './load/load-generator.js';
import { Loads } from './load/loads.js';
import { oauthRoutes } from './login/oauth.js';
import { soapRoutes } from './login/soap-login.js';
import type { ManagedSubscriptionLog } from './managed/managed-subscription.js';
import type { Org } from './org/org.js';
import { type Recording, serveRecording } from './recorded-events.js';
import { restRoutes } from './rest/rest-routes.js';
import { Authorizations } from './sessions/authorizations.js';
import type { EmulatorCredentials } from './sessions/sessions.js';
import type { UiContext } from './ui/ui-context.js';

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
  const { now, seed } = resolved;
  const parts = makeOrg(resolved);
  const { bus, schemas, org, managed } = parts;
  const servers = await openServers(resolved, parts);
  const { http, httpUrl, grpc } = servers;
  const stopping = new AbortController();
  const faults = createFaults({ ...parts, ...servers, server: grpc, stopping: stopping.signal });
  http.route(routesOf(resolved, parts, servers, faults));

  const loads = new Loads({ org, countEvents: () => bus.appended + org.held.events, seed });
  const subscriptions = () => grpc.calls.events().map((call) => call.snapshot());
  const publishStreams = () => grpc.calls.publishing().map((call) => call.snapshot());
  const shown = { org, schemas, faults, subscriptions, publishStreams, loads, now };
  const ui = resolved.ui ? await openUi(resolved.uiPort, shown, servers) : undefined;
  const stopAll = async (): Promise<void> => {
    stopping.abort();
    loads.close();
    org.held.drop();
    await Promise.all([ui?.close(), servers.close()]);
  };
  let stopped: Promise<void> | undefined;
  const lists = new EventLists(bus);

  return {
    grpcEndpoint: `localhost:${servers.grpcPort}`,
    httpUrl,
    ca: servers.certificate?.ca,
    faultsUrl: `${httpUrl}${FAULTS_PATH}`,
    defineUrl: `${httpUrl}${DEFINE_PATH}`,
    uiUrl: ui?.url,
    credentials: credentialsOf(parts, servers),
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

function routesOf(
  { rotateRefreshTokens, now }: ResolvedEmulatorOptions,
  { org, bus, schemas, random, managed, refusals, rest }: OrgParts,
  { sessions, appKey, httpUrl: instanceUrl }: ServerParts,
  faults: Faults,
): Route[] {
  const { publicKey } = appKey;
  const logins = { sessions, authorizations: new Authorizations(now), refusals, instanceUrl, publicKey, now };
  return [
    ...oauthRoutes({ ...logins, rotateRefreshTokens }),
    ...soapRoutes(logins),
    ...restRoutes({ org, bus, schemas, random, sessions, managed, instanceUrl, state: rest, now }),
    ...ownPagesOnly([...faultRoutes(faults), ...defineRoutes(org)]),
  ];
}

/** Opens the page, which is loaded only where there is one. Where it cannot have its port, the servers are closed. */
async function openUi(port: number, context: UiContext, servers: ServerParts): Promise<PageServer> {
  try {
    const { serveUi } = await import('./ui/serve-ui.js');
    return await serveUi(port, context);
  } catch (error) {
    await servers.close();
    throw error;
  }
}

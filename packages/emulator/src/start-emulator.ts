import { Bus } from './bus/bus.js';
import { makeCertificate } from './certificate.js';
import { type EmulatorOptions, resolveEmulatorOptions } from './emulator-options.js';
import type { SubscriptionSnapshot } from './flow/subscription.js';
import { Corruptions } from './faults/corruptions.js';
import { createFaults, type Faults } from './faults/faults.js';
import { topicNamed } from './faults/fault-context.js';
import { CallSettings } from './grpc/call-settings.js';
import { PubSubServer } from './grpc/pubsub-server.js';
import { FAULTS_PATH, faultRoutes } from './http/fault-routes.js';
import { HttpServer } from './http/http-server.js';
import { oauthRoutes } from './http/oauth.js';
import { type Load, type LoadOptions, startLoad } from './load/load-generator.js';
import { MemoryOrg, type Org } from './org/org.js';
import { createRandom } from './random.js';
import { type Recording, serveRecording } from './recorded-events.js';
import { SchemaRegistry } from './schemas/schema-registry.js';
import { LoginRefusals } from './sessions/login-refusals.js';
import { createIdentity, type EmulatorCredentials, Sessions } from './sessions/sessions.js';

/** An event in the log. */
export interface LogEntry {
  /** In base64. */
  readonly replayId: string;
  /** The event's own id. */
  readonly id: string;
}

/** A running emulator: the Pub/Sub API on gRPC, the login endpoints on HTTP, and the org behind them. */
export interface Emulator {
  /** Where the Pub/Sub API listens: `localhost:PORT`. */
  readonly grpcEndpoint: string;
  /** Where one logs in, which is also the org's instance URL: `http://localhost:PORT`. */
  readonly httpUrl: string;
  /** The certificate authority that clients of the Pub/Sub API must trust, in PEM; `undefined` without TLS. */
  readonly ca: string | undefined;
  /** Where faults are ordered by HTTP: POST to the name below it, or GET for a list. */
  readonly faultsUrl: string;
  readonly credentials: EmulatorCredentials;
  readonly org: Org;
  /**
   * Appends recorded events to a topic, with their own schemas and replay ids, and makes the topic exist. Throws a
   * `ConfigurationError` when an event's schema is not known.
   */
  serveRecorded(topic: string, recording: Recording): void;
  /** What can go wrong, on command. */
  readonly faults: Faults;
  /** The Subscribe calls that live at this moment, without those that a fault has silenced. */
  subscriptions(): SubscriptionSnapshot[];
  /** The events that the log holds for a topic, in order. Throws a `ConfigurationError` when there is no such topic. */
  log(topic: string): readonly LogEntry[];
  /** Sends all live streams on which events are asked for a keepalive now, behind the events that are there. */
  keepalive(): void;
  /** Begins to change records of the org at a steady rate, until the emulator stops. */
  startLoad(options: LoadOptions): Load;
  /** Ends all streams and loads, and frees both ports. Can be called again. */
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
  const alter = corruptions.apply.bind(corruptions);
  const bus = new Bus({ retentionMs, now, random, alter });
  const org = new MemoryOrg({ bus, schemas, random, now, user: identity.userId, maxChangesPerTransaction });

  const http = new HttpServer();
  const httpUrl = await http.listen(resolved.httpPort);
  const sessions = new Sessions(identity, httpUrl);
  const refusals = new LoginRefusals();

  const certificate = resolved.tls ? await makeCertificate() : undefined;
  const settings = new CallSettings(resolved);
  const grpc = new PubSubServer({ bus, schemas, sessions, random, options: settings }, certificate);
  const grpcPort = await grpc.listen(resolved.grpcPort).catch(async (error: unknown) => {
    await http.close();
    throw error;
  });

  const stopping = new AbortController();
  const faults = createFaults({
    bus,
    org,
    server: grpc,
    settings,
    sessions,
    refusals,
    corruptions,
    stopping: stopping.signal,
  });
  http.route([...oauthRoutes({ sessions, refusals, instanceUrl: httpUrl, now }), ...faultRoutes(faults)]);

  const loads = new Set<Load>();
  const stopAll = async (): Promise<void> => {
    stopping.abort();
    loads.forEach((load) => load.stop());
    await Promise.all([grpc.close(), http.close()]);
  };
  let stopped: Promise<void> | undefined;

  return {
    grpcEndpoint: `localhost:${grpcPort}`,
    httpUrl,
    ca: certificate?.ca,
    faultsUrl: `${httpUrl}${FAULTS_PATH}`,
    credentials: {
      clientId: identity.clientId,
      clientSecret: identity.clientSecret,
      accessToken: sessions.issue(),
      instanceUrl: httpUrl,
      organizationId: identity.organizationId,
    },
    org,
    serveRecorded: (topic, recording) => serveRecording(bus, schemas, topic, recording),
    faults,
    subscriptions: () => grpc.subscriptions(),
    log: (topic) => logOf(bus, topic),
    keepalive: () => grpc.calls().forEach((call) => call.keepalive()),
    startLoad: (loadOptions) => {
      const load = startLoad({ org, countEvents: () => bus.appended, seed }, loadOptions);
      loads.add(load);
      void load.done.then(() => loads.delete(load));
      if (stopped !== undefined) {
        load.stop();
      }
      return load;
    },
    stop: () => (stopped ??= stopAll()),
  };
}

function logOf(bus: Bus, topic: string): LogEntry[] {
  return bus.events(topicNamed(bus, topic)).map(({ replayId, id }) => ({ replayId: replayId.toString('base64'), id }));
}

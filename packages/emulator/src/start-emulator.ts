import { Bus } from './bus/bus.js';
import { makeCertificate } from './certificate.js';
import { type EmulatorOptions, resolveEmulatorOptions } from './emulator-options.js';
import type { SubscriptionSnapshot } from './flow/subscription.js';
import { PubSubServer } from './grpc/pubsub-server.js';
import { HttpServer } from './http/http-server.js';
import { oauthRoutes } from './http/oauth.js';
import { type Load, type LoadOptions, startLoad } from './load/load-generator.js';
import { MemoryOrg, type Org } from './org/org.js';
import { createRandom } from './random.js';
import { type Recording, serveRecording } from './recorded-events.js';
import { SchemaRegistry } from './schemas/schema-registry.js';
import { createIdentity, type EmulatorCredentials, Sessions } from './sessions/sessions.js';

/** A running emulator: the Pub/Sub API on gRPC, the login endpoints on HTTP, and the org behind them. */
export interface Emulator {
  /** Where the Pub/Sub API listens: `localhost:PORT`. */
  readonly grpcEndpoint: string;
  /** Where one logs in, which is also the org's instance URL: `http://localhost:PORT`. */
  readonly httpUrl: string;
  /** The certificate authority that clients of the Pub/Sub API must trust, in PEM; `undefined` without TLS. */
  readonly ca: string | undefined;
  readonly credentials: EmulatorCredentials;
  readonly org: Org;
  /**
   * Appends recorded events to a topic, with their own schemas and replay ids, and makes the topic exist. Throws a
   * `ConfigurationError` when an event's schema is not known.
   */
  serveRecorded(topic: string, recording: Recording): void;
  /** The Subscribe calls that live at this moment. */
  subscriptions(): SubscriptionSnapshot[];
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
  const { now, retentionMs, seed } = resolved;
  const random = createRandom(seed);
  const identity = createIdentity(random);
  const schemas = new SchemaRegistry();
  const bus = new Bus({ retentionMs, now, random });
  const org = new MemoryOrg({ bus, schemas, random, now, user: identity.userId });

  const http = new HttpServer();
  const httpUrl = await http.listen(resolved.httpPort);
  const sessions = new Sessions(identity, httpUrl);
  http.route(oauthRoutes({ sessions, instanceUrl: httpUrl, now }));

  const certificate = resolved.tls ? await makeCertificate() : undefined;
  const grpc = new PubSubServer({ bus, schemas, sessions, random, options: resolved });
  const grpcPort = await grpc.listen(resolved.grpcPort, certificate).catch(async (error: unknown) => {
    await http.close();
    throw error;
  });

  const loads = new Set<Load>();
  const stopAll = async (): Promise<void> => {
    loads.forEach((load) => load.stop());
    await Promise.all([grpc.close(), http.close()]);
  };
  let stopped: Promise<void> | undefined;

  return {
    grpcEndpoint: `localhost:${grpcPort}`,
    httpUrl,
    ca: certificate?.ca,
    credentials: {
      clientId: identity.clientId,
      clientSecret: identity.clientSecret,
      accessToken: sessions.issue(),
      instanceUrl: httpUrl,
      organizationId: identity.organizationId,
    },
    org,
    serveRecorded: (topic, recording) => serveRecording(bus, schemas, topic, recording),
    subscriptions: () => grpc.subscriptions(),
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

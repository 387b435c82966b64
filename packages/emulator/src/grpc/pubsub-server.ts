import { type handleUnaryCall, Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { ServerCertificate } from '../certificate.js';
import type { SubscriptionSnapshot } from '../flow/subscription.js';
import { portError, requireFreePort } from '../port-error.js';
import type { CallContext } from './call-context.js';
import { authenticate } from './call-metadata.js';
import { getSchema, getTopic } from './lookups.js';
import type { Outcome } from './outcome.js';
import { publish } from './publish.js';
import { pubSubService, type SubscribeStream } from './service-definition.js';
import { serviceError } from './service-error.js';
import { SubscribeCall } from './subscribe-call.js';

/** How long clients may take to notice that the server stops, in milliseconds. */
const SHUTDOWN_GRACE_MS = 200;

/** The Pub/Sub API: accepts calls, and knows those that live. */
export class PubSubServer {
  readonly #context: CallContext;
  readonly #calls = new Set<SubscribeCall>();
  readonly #delayed = new Set<NodeJS.Timeout>();
  readonly #server = new Server({
    // Too large a publish is refused by a rule of the service, not by gRPC's own limit.
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });

  constructor(context: CallContext) {
    this.#context = context;
    this.#server.addService(pubSubService(), this.#implementation());
  }

  /** Listens on this port of this machine, or on a free one for 0, and gives the port. */
  async listen(port: number, certificate: ServerCertificate | undefined): Promise<number> {
    await requireFreePort('gRPC', port);
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`localhost:${port}`, credentialsOf(certificate), (error, actual) => {
        if (error === null) {
          resolve(actual);
        } else {
          reject(portError('gRPC', port, error));
        }
      });
    });
  }

  /** The live Subscribe calls. */
  subscriptions(): SubscriptionSnapshot[] {
    return [...this.#calls].map((call) => call.snapshot());
  }

  /** Ends all calls, then closes all connections and frees the port. */
  async close(): Promise<void> {
    for (const call of [...this.#calls]) {
      call.fail({ reason: 'service-unavailable', message: 'The service is shutting down. Try again later.' });
    }
    this.#delayed.forEach(clearTimeout);
    let force: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve())),
      new Promise<void>((resolve) => (force = setTimeout(resolve, SHUTDOWN_GRACE_MS))),
    ]);
    clearTimeout(force);
    this.#server.forceShutdown();
  }

  /** ManagedSubscribe and PublishStream are not here yet: gRPC answers them with UNIMPLEMENTED. */
  #implementation(): UntypedServiceImplementation {
    return {
      GetTopic: this.#unary(getTopic),
      GetSchema: this.#unary(getSchema),
      Publish: this.#unary(publish),
      Subscribe: (stream: SubscribeStream) => this.#subscribe(stream),
    };
  }

  #subscribe(stream: SubscribeStream): void {
    const call: SubscribeCall = new SubscribeCall(stream, this.#context, this.#context.random.uuid(), () =>
      this.#calls.delete(call),
    );
    this.#calls.add(call);
    const refusal = authenticate(stream.metadata, this.#context.sessions);
    if (refusal !== undefined) {
      call.fail(refusal);
    }
  }

  #unary<Request, Response>(
    serve: (context: CallContext, request: Request, rpcId: string) => Outcome<Response>,
  ): handleUnaryCall<Request, Response> {
    return ({ metadata, request }, callback) => {
      const rpcId = this.#context.random.uuid();
      const refusal = authenticate(metadata, this.#context.sessions);
      const outcome: Outcome<Response> =
        refusal === undefined ? serve(this.#context, request, rpcId) : { type: 'refusal', refusal };
      this.#later(() => {
        if (outcome.type === 'response') {
          callback(null, outcome.response);
        } else {
          callback(serviceError(outcome.refusal, rpcId));
        }
      });
    };
  }

  #later(action: () => void): void {
    const { responseDelayMs } = this.#context.options;
    if (responseDelayMs === 0) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      action();
    }, responseDelayMs);
    this.#delayed.add(timer);
  }
}

function credentialsOf(certificate: ServerCertificate | undefined): ServerCredentials {
  if (certificate === undefined) {
    return ServerCredentials.createInsecure();
  }
  const pair = { cert_chain: Buffer.from(certificate.certificate), private_key: Buffer.from(certificate.privateKey) };
  return ServerCredentials.createSsl(null, [pair]);
}

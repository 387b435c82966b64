import {
  type ConnectionInjector,
  type handleUnaryCall,
  type ServerUnaryCall,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ConfigurationError } from '@rxforce/core/model';
import type { ServerCertificate } from '../certificate.js';
import type { SubscriptionSnapshot } from '../flow/subscription.js';
import type { CallContext } from './call-context.js';
import { authenticate } from './call-metadata.js';
import { Connections, type Silence } from './connections.js';
import { Listener } from './listener.js';
import { getSchema, getTopic } from './lookups.js';
import { type Outcome, refused } from './outcome.js';
import { type Method, PlannedAnswers } from './planned-answers.js';
import { publish } from './publish.js';
import { pubSubService, type SubscribeStream } from './service-definition.js';
import { serviceError } from './service-error.js';
import { SubscribeCall } from './subscribe-call.js';

/** How long clients may take to notice that the server stops, in milliseconds. */
const SHUTDOWN_GRACE_MS = 200;
/** Longer than any connection lives; the longest time a timer can take, in milliseconds. */
const FOR_EVER_MS = 0x7fffffff;

/** The Pub/Sub API: accepts calls, and knows those that live. */
export class PubSubServer {
  /** Errors that coming calls are answered with. */
  readonly plannedAnswers = new PlannedAnswers();
  readonly #context: CallContext;
  readonly #calls = new Set<SubscribeCall>();
  readonly #delayed = new Set<NodeJS.Timeout>();
  readonly #server = new Server({
    // Too large a publish is refused by a rule of the service, not by gRPC's own limit.
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  readonly #injector: ConnectionInjector;
  readonly #connections: Connections;
  readonly #listener: Listener;
  #port = 0;
  #closed = false;
  /** Starts and stops, one after the other. */
  #turns: Promise<unknown> = Promise.resolve();

  /** @param certificate - Without it, the server speaks plaintext. */
  constructor(context: CallContext, certificate: ServerCertificate | undefined) {
    this.#context = context;
    this.#server.addService(pubSubService(), this.#implementation());
    this.#injector = this.#server.createConnectionInjector(credentialsOf(certificate));
    this.#connections = new Connections((socket) => this.#injector.injectConnection(socket));
    this.#listener = new Listener((socket) => this.#connections.accept(socket));
  }

  /**
   * Listens on this port of this machine, or on a free one for 0, and gives the port.
   *
   * @throws `ConfigurationError` when the port is in use.
   */
  async listen(port: number): Promise<number> {
    this.#port = await this.#listener.listen(port);
    return this.#port;
  }

  /** The live Subscribe calls, those that were silenced excepted. */
  subscriptions(): SubscriptionSnapshot[] {
    return [...this.#calls].map((call) => call.snapshot());
  }

  /** The live Subscribe calls on a topic, or all of them. */
  calls(topic?: string): SubscribeCall[] {
    return [...this.#calls].filter((call) => topic === undefined || call.snapshot().topic === topic);
  }

  /** Cuts all connections and frees the port, at once. Does nothing when that is so already. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      this.calls().forEach((call) => call.silence());
      this.#connections.cut();
      await this.#listener.close();
      this.#connections.cut();
    });
  }

  /**
   * Listens again where it did before. Does nothing when it does already.
   *
   * @throws `ConfigurationError` when the port is in use meanwhile, or the server was closed for good.
   */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#closed) {
        throw new ConfigurationError('The emulator was stopped, and cannot start its server again. Start another one.');
      }
      if (!this.#listener.isListening) {
        await this.#listener.listen(this.#port);
      }
    });
  }

  /** Asks all clients by GOAWAY to make no new calls on their connections. Calls that live go on until they end. */
  goAway(): void {
    // Its timer ends whatever connections there are then, also those made later; so it must never fire.
    this.#injector.drain(FOR_EVER_MS);
  }

  /** Lets connections fall silent, and with them all calls that live on them: these for good. */
  silence(silence: Silence): void {
    this.#connections.silence(silence);
    this.calls().forEach((call) => call.silence());
  }

  /** Lets silent connections serve new calls. */
  unsilence(): void {
    this.#connections.unsilence();
  }

  /** Ends all calls, then closes all connections and frees the port, for good. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#inTurn(async () => {
      for (const call of this.calls()) {
        call.fail({ reason: 'service-unavailable', message: 'The service is shutting down. Try again later.' });
      }
      this.#delayed.forEach(clearTimeout);
      const freed = this.#listener.close();
      let force: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve())),
        new Promise<void>((resolve) => (force = setTimeout(resolve, SHUTDOWN_GRACE_MS))),
      ]);
      clearTimeout(force);
      // Also those that gRPC does not know: silent ones that nobody serves.
      this.#connections.cut();
      this.#server.forceShutdown();
      await freed;
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turns.then(work);
    this.#turns = done.catch(() => undefined);
    return done;
  }

  /** ManagedSubscribe and PublishStream are not here yet: gRPC answers them with UNIMPLEMENTED. */
  #implementation(): UntypedServiceImplementation {
    return {
      GetTopic: this.#unary('GetTopic', getTopic),
      GetSchema: this.#unary('GetSchema', getSchema),
      Publish: this.#unary('Publish', publish),
      Subscribe: (stream: SubscribeStream) => this.#subscribe(stream),
    };
  }

  #subscribe(stream: SubscribeStream): void {
    if (this.#connections.isSilent(stream.getPeer())) {
      stream.resume();
      return;
    }
    const call: SubscribeCall = new SubscribeCall(stream, this.#context, this.#context.random.uuid(), () =>
      this.#calls.delete(call),
    );
    this.#calls.add(call);
    const error = this.plannedAnswers.take('Subscribe') ?? authenticate(stream.metadata, this.#context.sessions);
    if (error !== undefined) {
      call.fail(error);
    }
  }

  #unary<Request, Response>(
    method: Method,
    serve: (context: CallContext, request: Request, rpcId: string) => Outcome<Response>,
  ): handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const isSilent = () => this.#connections.isSilent(call.getPeer());
      if (isSilent()) {
        return;
      }
      const rpcId = this.#context.random.uuid();
      const outcome = this.#outcomeOf(method, call, () => serve(this.#context, call.request, rpcId));
      this.#later(() => {
        if (isSilent()) {
          return;
        }
        if (outcome.type === 'response') {
          callback(null, outcome.response);
        } else {
          callback(serviceError(outcome.refusal, rpcId));
        }
      });
    };
  }

  #outcomeOf<Request, Response>(
    method: Method,
    { metadata }: ServerUnaryCall<Request, Response>,
    serve: () => Outcome<Response>,
  ): Outcome<Response> {
    const error = this.plannedAnswers.take(method) ?? authenticate(metadata, this.#context.sessions);
    return error === undefined ? serve() : refused(error);
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

import {
  type ConnectionInjector,
  type handleUnaryCall,
  type ServerDuplexStream,
  type Metadata,
  Server,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { WireFetchRequest } from '@rxforce/core/codec';
import { LONGEST_TIMER_MS, type WirePublishResponse } from '@rxforce/core/internal';
import { ConfigurationError } from '@rxforce/core/model';
import type { ServerCertificate } from '../net/certificate.js';
import type { Refusal } from '../model/refusal.js';
import type { ManagedRequest } from '../managed/managed-start.js';
import type { CallContext } from './call-context.js';
import { authenticate } from './call-metadata.js';
import { CallStream } from './call-stream.js';
import { Connections, type Silence } from './connections.js';
import { credentialsOf } from './credentials.js';
import { Listener } from './listener.js';
import { getSchema, getTopic } from './lookups.js';
import { type Outcome, refused } from './outcome.js';
import { LiveCalls } from './live-calls.js';
import { ManagedSubscribeCall } from './managed-subscribe-call.js';
import type { Method, StreamMethod } from './methods.js';
import { PlannedFaults } from './planned-faults.js';
import { publish, type PublishRequest } from './publish.js';
import { PublishStreamCall } from './publish-stream-call.js';
import { resetStream } from './reset-stream.js';
import { pubSubService } from './service-definition.js';
import { type Failure, serviceError } from './service-error.js';
import { SubscribeCall } from './subscribe-call.js';

/** How long clients may take to notice that the server stops, in milliseconds. */
const SHUTDOWN_GRACE_MS = 200;

/** The Pub/Sub API: accepts calls, and keeps track of live ones. */
export class PubSubServer {
  /** The planned faults of the next calls. */
  readonly planned = new PlannedFaults();
  /** The live calls, except those that were silenced. */
  readonly calls = new LiveCalls();
  private readonly context: CallContext;
  private readonly delayed = new Set<NodeJS.Timeout>();
  private readonly server = new Server({
    // A rule of the service refuses a publish that is too large, not gRPC's own limit.
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  private readonly injector: ConnectionInjector;
  private readonly connections: Connections;
  private readonly listener: Listener;
  private port = 0;
  private closed = false;
  /** The chain of starts and stops, which run one after the other. */
  private turns: Promise<unknown> = Promise.resolve();

  /** @param certificate - Without it, the server speaks plaintext. */
  constructor(context: Omit<CallContext, 'planned'>, certificate: ServerCertificate | undefined) {
    this.context = { ...context, planned: this.planned };
    this.server.addService(pubSubService(), this.implementation());
    this.injector = this.server.createConnectionInjector(credentialsOf(certificate));
    this.connections = new Connections((socket) => this.injector.injectConnection(socket));
    this.listener = new Listener((socket) => this.connections.accept(socket));
  }

  /**
   * Listens on this port of this machine, or on a free one for 0, and resolves with the port.
   *
   * @throws `ConfigurationError` when the port is in use.
   */
  async listen(port: number): Promise<number> {
    this.port = await this.listener.listen(port);
    return this.port;
  }

  /** Cuts all connections and frees the port, at once. Does nothing when the server is already stopped. */
  stop(): Promise<void> {
    return this.inTurn(async () => {
      this.calls.all().forEach(({ stream }) => stream.silence());
      this.connections.cut();
      await this.listener.close();
      this.connections.cut();
    });
  }

  /**
   * Listens again on the same port. Does nothing when it already listens.
   *
   * @throws `ConfigurationError` when the port is in use meanwhile, or the server was closed for good.
   */
  start(): Promise<void> {
    return this.inTurn(async () => {
      if (this.closed) {
        throw new ConfigurationError('The emulator was stopped, and cannot start its server again. Start another one.');
      }
      if (!this.listener.isListening) await this.listener.listen(this.port);
    });
  }

  /** Asks all clients by GOAWAY to make no new calls on their connections. Live calls continue until they end. */
  goAway(): void {
    // Its timer ends all connections of that time, including those made later, so it must never fire.
    this.injector.drain(LONGEST_TIMER_MS);
  }

  /** Silences connections, and with them all their live calls; the calls stay silent for good. */
  silence(silence: Silence): void {
    this.connections.silence(silence);
    this.calls.all().forEach(({ stream }) => stream.silence());
  }

  /** Lets silent connections serve new calls. */
  unsilence(): void {
    this.connections.unsilence();
  }

  /** Ends all calls, then closes all connections and frees the port, for good. */
  close(): Promise<void> {
    this.closed = true;
    return this.inTurn(async () => {
      for (const { stream } of this.calls.all()) {
        stream.fail({ reason: 'service-unavailable', message: 'The service is unavailable. Try again later.' });
      }
      this.delayed.forEach(clearTimeout);
      const freed = this.listener.close();
      let force: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => this.server.tryShutdown(() => resolve())),
        new Promise<void>((resolve) => (force = setTimeout(resolve, SHUTDOWN_GRACE_MS))),
      ]);
      clearTimeout(force);
      // This includes connections that gRPC does not know: silent ones that nobody serves.
      this.connections.cut();
      this.server.forceShutdown();
      await freed;
    });
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turns.then(work);
    this.turns = done.catch(() => undefined);
    return done;
  }

  private implementation(): UntypedServiceImplementation {
    return {
      GetTopic: this.unary('GetTopic', getTopic),
      GetSchema: this.unary('GetSchema', getSchema),
      Publish: this.unary('Publish', (context, request: PublishRequest, rpcId) =>
        publish(context, 'Publish', request, rpcId),
      ),
      Subscribe: this.streaming('Subscribe', (stream: CallStream<WireFetchRequest, Buffer>) =>
        this.calls.addEvents(new SubscribeCall(stream, this.context)),
      ),
      ManagedSubscribe: this.streaming('ManagedSubscribe', (stream: CallStream<ManagedRequest, Buffer>) =>
        this.calls.addEvents(new ManagedSubscribeCall(stream, this.context)),
      ),
      PublishStream: this.streaming('PublishStream', (stream: CallStream<PublishRequest, WirePublishResponse>) =>
        this.calls.addPublishing(new PublishStreamCall(stream, this.context)),
      ),
    };
  }

  private streaming<Request, Response>(
    method: StreamMethod,
    serve: (stream: CallStream<Request, Response>) => void,
  ): (call: ServerDuplexStream<Request, Response>) => void {
    return (call) => {
      if (this.connections.isSilent(call.getPeer())) {
        call.resume();
        return;
      }
      const { random, options } = this.context;
      const stream = new CallStream(call, { rpcId: random.uuid(), method }, () => options.responseDelayMs);
      serve(stream);
      const error = this.errorFor(method, call.metadata);
      if (error !== undefined) stream.fail(error);
    };
  }

  private unary<Request, Response>(
    method: Method,
    serve: (context: CallContext, request: Request, rpcId: string) => Outcome<Response>,
  ): handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const isSilent = () => this.connections.isSilent(call.getPeer());
      if (isSilent()) return;
      const rpcId = this.context.random.uuid();
      const error = this.errorFor(method, call.metadata);
      const outcome = error === undefined ? serve(this.context, call.request, rpcId) : refused(error);
      this.later(() => {
        if (isSilent()) return;
        if (outcome.type === 'response') {
          callback(null, outcome.response);
        } else if (outcome.type === 'refusal') {
          callback(serviceError(outcome.refusal, { rpcId, method }));
        } else {
          resetStream(call);
        }
      });
    };
  }

  /** The error for a call, whatever it asks; `undefined` to serve it. */
  private errorFor(method: Method, metadata: Metadata): Refusal | Failure | undefined {
    return this.planned.answerTo(method) ?? authenticate(metadata, this.context.sessions);
  }

  private later(action: () => void): void {
    const { responseDelayMs } = this.context.options;
    if (responseDelayMs === 0) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.delayed.delete(timer);
      action();
    }, responseDelayMs);
    this.delayed.add(timer);
  }
}

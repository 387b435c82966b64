import { jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { createInbox, deadline, type NatsConnection } from '@nats-io/nats-core';
import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import { ConfigurationError, Err, kindOf, Ok, type Result } from '@rxforce/core/model';
import { checkedName, checkedPrefix } from './names.js';
import { natsFailure, type NatsFailure } from './nats-failure.js';

/**
 * What `connect()` of `@nats-io/transport-node` resolves with; or a function that connects. Such a function is called
 * with the first call, and again with the next one where it has rejected. It may give several parts the same
 * connection. A `ConfigurationError` of it says that no other try can do better. The caller closes the connection.
 */
export type NatsSource = NatsConnection | (() => Promise<NatsConnection>);

/** The common options of everything on JetStream. */
export interface JetStreamOptions {
  /**
   * Begins the names of all streams, subjects and buckets. Processes that share logs, positions or leases must use the
   * same one. Letters, digits, `_` and `-`.
   *
   * @defaultValue `'rxforce'`
   */
  readonly prefix?: string;
  /**
   * The domain of JetStream, where it is not the one of the server that is connected.
   *
   * @defaultValue that of the server
   */
  readonly domain?: string;
  /**
   * Longest wait for an answer of JetStream, in milliseconds, from 1; then the call fails. It includes time without a
   * connection.
   *
   * @defaultValue 5_000
   */
  readonly timeoutMs?: number;
  /**
   * On how many servers of a cluster everything that is made here is kept, from 1 to 5. What is there already stays as
   * it is. **3 in production**: with 1, everything waits while that one server is away, and is lost with its disk.
   *
   * @defaultValue 1
   */
  readonly replicas?: number;
}

/** The parts of a call. */
export interface JetStreamCall {
  readonly nats: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
}

const MOST_REPLICAS = 5;

/** Makes calls to JetStream that end in time and never reject. */
export class JetStreamConnection {
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly replicas: number;
  private readonly domain: string | undefined;
  private readonly listeners = new Set<() => void>();
  private status: { readonly stop?: () => void } | undefined;
  private hasAnswered = false;
  /** Hidden from `inspect`, unlike a private member of TypeScript: its options have the password. */
  // eslint-disable-next-line no-restricted-syntax -- It has a password.
  readonly #source: () => Promise<NatsConnection>;
  /** `undefined` while there is none. */
  // eslint-disable-next-line no-restricted-syntax -- It has a password.
  #nats: NatsConnection | undefined;
  // eslint-disable-next-line no-restricted-syntax -- It has the connection.
  #opened: Promise<JetStreamCall> | undefined;

  /** @throws `ConfigurationError` when an option is not valid. */
  constructor(source: NatsSource, { prefix, domain, timeoutMs = 5_000, replicas = 1 }: JetStreamOptions) {
    this.#nats = typeof source === 'function' ? undefined : checkedConnection(source);
    this.#source = typeof source === 'function' ? source : () => Promise.resolve(source);
    this.prefix = checkedPrefix(prefix);
    this.domain = domain === undefined ? undefined : checkedName('domain', domain);
    this.timeoutMs = wholeNumber('timeoutMs', timeoutMs, 1, LONGEST_TIMER_MS);
    this.replicas = wholeNumber('replicas', replicas, 1, MOST_REPLICAS);
  }

  /** The subject of a call of JetStream's API. */
  api(call: string): string {
    return `$JS.${this.domain === undefined ? '' : `${this.domain}.`}API.${call}`;
  }

  /** A new inbox, where the user of the connection may have one. */
  inbox(): string {
    const { options } = Object(this.#nats) as { readonly options?: { readonly inboxPrefix?: string } };
    return createInbox(options?.inboxPrefix);
  }

  /** Makes any call. A rejection becomes an `Err`. */
  async call<T>(make: (parts: JetStreamCall) => Promise<T>): Promise<Result<T, NatsFailure>> {
    try {
      const answer = await make(await this.opened());
      this.hasAnswered = true;
      return Ok(answer);
    } catch (error) {
      return Err(this.failure(error));
    }
  }

  /** Calls back whenever the connection is there again: what was pulled is forgotten then. Returns how to stop that. */
  onReconnect(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.status === undefined) void this.watch().catch(() => undefined);
    return () => this.listeners.delete(listener);
  }

  /** Ends what it has open on the connection. */
  close(): void {
    this.status?.stop?.();
    this.status = undefined;
  }

  /** What an error of nats.js means. */
  failure(error: unknown): NatsFailure {
    if (ConfigurationError.is(error)) return { reason: error.message, retriable: false, kind: 'refused', cause: error };
    // A server that has none itself may pass calls on to one that has.
    const hasJetStream = this.hasAnswered || this.#nats?.info?.jetstream === true;
    return natsFailure(error, { hasJetStream, domain: this.domain, timeoutMs: this.timeoutMs });
  }

  /** Until the connection is closed, or this is. */
  private async watch(): Promise<void> {
    const status = this.#nats?.status();
    this.status = status as typeof this.status;
    for await (const { type } of status ?? []) {
      if (type === 'reconnect') [...this.listeners].forEach((listener) => listener());
    }
  }

  private opened(): Promise<JetStreamCall> {
    this.#opened ??= this.open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  private async open(): Promise<JetStreamCall> {
    const { domain, timeoutMs: timeout } = this;
    const nats = (this.#nats ??= checkedConnection(await deadline(this.#source(), timeout)));
    const jsm = await jetstreamManager(nats, {
      ...{ checkAPI: false, timeout },
      ...(domain !== undefined && { domain }),
    });
    return { nats, jsm, js: jsm.jetstream() };
  }
}

function checkedConnection(given: unknown): NatsConnection {
  const { publish, request, subscribe } = Object(given) as Partial<NatsConnection>;
  const isOne = [publish, request, subscribe].every((method) => typeof method === 'function');
  if (isOne) return given as NatsConnection;
  // The message omits the value: a URL may contain a password.
  const kind = typeof given === 'string' ? 'a text' : kindOf(given);
  throw new ConfigurationError(
    `The NATS connection is ${kind}, but must be what connect() of @nats-io/transport-node resolves with.`,
  );
}

import type { Msg, Subscription } from '@nats-io/nats-core';
import type { JetStreamConnection } from './jet-stream-connection.js';
import type { NatsFailure } from './nats-failure.js';
import type { Result } from '@rxforce/core/model';

/** A message of a consumer. */
export interface PulledMessage {
  readonly sequence: number;
  /** When it was appended, in epoch milliseconds. */
  readonly timeMs: number;
  /** Which one of the consumer it is, from 1. */
  readonly delivered: number;
  readonly message: Msg;
}

/** What a consumer tells. */
export interface PullListener {
  message(pulled: PulledMessage): void;
  /** A sign of life, where there is no message. */
  alive(): void;
  /** A pull is over before it has brought all: nothing more came within its time. */
  over(): void;
  /** The consumer is gone. */
  gone(why: string): void;
  failed(failure: NatsFailure): void;
}

/** What a consumer reads. */
export interface PullOptions {
  readonly stream: string;
  readonly subject: string;
  /** The first sequence that it may bring. */
  readonly from: number;
  /** Whether it brings headers, and no payloads. */
  readonly headersOnly?: boolean;
}

/** A consumer that nobody pulls from is deleted by the server after this time, in milliseconds. */
const INACTIVE_MS = 60_000;
/** How long a pull waits for messages, in milliseconds. */
const PULL_MS = 30_000;
const NANOS = 1_000_000;

/**
 * An ephemeral consumer of one subject, in the memory of the server, without acknowledgements. Its messages come in
 * order, and never more than were pulled. It has one inbox for all pulls: several could be served out of order.
 */
export class PullConsumer {
  private subscription: Subscription | undefined;
  private forget: () => void = () => undefined;
  private isStopped = false;

  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly stream: string,
    private readonly name: string,
    /** How many messages it had before it, when it was made. */
    readonly pending: number,
  ) {}

  static async open(
    connection: JetStreamConnection,
    { stream, subject, from, headersOnly = false }: PullOptions,
  ): Promise<Result<PullConsumer, NatsFailure>> {
    const made = await connection.call(({ jsm }) =>
      jsm.consumers.add(stream, {
        ...{ ack_policy: 'none', deliver_policy: 'by_start_sequence', opt_start_seq: from, filter_subject: subject },
        ...{ mem_storage: true, inactive_threshold: INACTIVE_MS * NANOS },
        ...(headersOnly && { headers_only: true }),
      }),
    );
    return made.map(({ name, num_pending: pending }) => new PullConsumer(connection, stream, name, pending));
  }

  /** How often the server gives a sign of life while a pull waits, in milliseconds. */
  get heartbeatMs(): number {
    return Math.min(5_000, Math.max(100, this.connection.timeoutMs));
  }

  /** Pulls so many messages. The last pull must be over, or have brought all. */
  async pull(count: number, listener: PullListener): Promise<void> {
    const request = { batch: count, expires: PULL_MS * NANOS, idle_heartbeat: this.heartbeatMs * NANOS };
    const sent = await this.connection.call(({ nats }) => {
      if (this.isStopped) return Promise.resolve();
      this.subscription ??= nats.subscribe(this.connection.inbox(), {
        callback: (error, message) => this.take(error, message, listener),
      });
      this.forget();
      this.forget = this.connection.onReconnect(() => listener.gone('the connection was made anew'));
      const subject = this.connection.api(`CONSUMER.MSG.NEXT.${this.stream}.${this.name}`);
      nats.publish(subject, JSON.stringify(request), { reply: this.subscription.getSubject() });
      return Promise.resolve();
    });
    if (sent.err && !this.isStopped) listener.failed(sent.val);
  }

  /** Ends it. Nothing is told any more. */
  stop(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.forget();
    this.subscription?.unsubscribe();
    // If it fails, the server deletes it by itself.
    void this.connection.call(({ jsm }) => jsm.consumers.delete(this.stream, this.name));
  }

  private take(error: Error | null, message: Msg, listener: PullListener): void {
    if (this.isStopped) return;
    if (error) listener.failed(this.connection.failure(error));
    else if (message.reply?.startsWith('$JS.ACK.')) listener.message({ ...placeOf(message.reply), message });
    else this.takeStatus(message, listener);
  }

  private takeStatus({ headers }: Msg, listener: PullListener): void {
    const { code = 0, description = '' } = headers ?? {};
    // 100: a heartbeat. 404 and 408: nothing came in time. Everything else ends the consumer, or shows that it has
    // ended.
    if (code === 100) listener.alive();
    else if (code === 404 || code === 408) listener.over();
    else listener.gone(code === 503 ? 'nobody answers for it' : `${code} ${description}`);
  }
}

/**
 * The place of a message, by where its acknowledgement would go:
 * `$JS.ACK[.domain.account].stream.consumer.deliveries.sequence.delivered.time.pending[.random]`.
 */
function placeOf(reply: string): Omit<PulledMessage, 'message'> {
  const parts = reply.split('.');
  const at = parts.length === SHORT_REPLY ? 5 : 7;
  // In nanoseconds, which a number does not hold.
  const time = parts[at + 2] ?? '';
  return { sequence: Number(parts[at]), delivered: Number(parts[at + 1]), timeMs: Number(time.slice(0, -6)) };
}

/** How many parts the reply of a server has that names no domain. */
const SHORT_REPLY = 9;

import { readFile } from 'node:fs/promises';
import type { Msg, MsgHdrs, NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { ConfigurationError, plainText } from '@rxforce/core/model';
import type { ChangeEvent } from '@rxforce/core';
import type { SinkSettings } from '../config/settings/sinks.js';
import { natsAddress, type NatsAddress, type NatsLibrary } from '../runtime/nats-source.js';
import { cloudEventOf, sourceOf } from './cloud-event.js';
import { eventIdOf } from './event-id.js';
import { jsonEventOf } from './event-json.js';
import { SinkError, type Sink, type SinkErrorDetails, type SinkEvent } from './sink.js';

/** The settings of NATS. */
export type NatsSettings = Extract<SinkSettings, { type: 'nats' }>;

/** What NATS takes from around it. */
export interface NatsContext {
  /** The org's URL, which says where events come from. It may log in to know it. */
  readonly source: () => Promise<string>;
}

/** What JetStream answers. */
interface Answer {
  readonly stream?: string;
  readonly error?: { readonly code?: number; readonly description?: string };
}

/** Failures of the connection that another attempt does not change. */
const FINAL = /permissions violation|authorization violation|authentication|max_payload|maximum payload|user jwt/i;
/** Answers of JetStream from here on may pass. */
const SERVER_ERRORS = 500;

/**
 * Publishes events to a stream of NATS JetStream, one after the other, each once it is known that the one before it is
 * there. Where one fails, none after it is published, and these are tried again. The id of the event is that of the
 * message, so JetStream drops what comes again within the stream's window of duplicates. The library is loaded only
 * now, and the connection is made with the first event.
 *
 * @throws `ConfigurationError` when the library is missing, or the address is none.
 */
export async function natsSink(settings: NatsSettings, context: NatsContext): Promise<Sink> {
  const library = await loadLibrary();
  const line = new NatsLine(library, settings);
  const isCloud = settings.format === 'cloudevents';
  return {
    write: async (events, { signal }) => {
      const source = await sourceOf(settings, context);
      for (const [index, event] of events.entries()) {
        const value = isCloud ? cloudEventOf(event, source) : jsonEventOf(event);
        const left = index === 0 ? undefined : events.slice(index).map(({ id }) => id);
        const message = { headers: headersOf(library, settings, event), body: JSON.stringify(value), signal };
        await line.publish(message, left);
      }
    },
    check: async () => {
      await sourceOf(settings, context);
      await line.check();
    },
    close: () => line.close(),
  };
}

async function loadLibrary(): Promise<NatsLibrary> {
  return import('@nats-io/transport-node').catch((cause: unknown) => {
    const missing = 'The sink nats needs one package more: npm install @nats-io/transport-node';
    throw new ConfigurationError(missing, { cause });
  });
}

function headersOf({ headers }: NatsLibrary, { format, stream }: NatsSettings, event: SinkEvent): MsgHdrs {
  const { header } = event as Partial<ChangeEvent>;
  const [key] = header?.recordIds ?? [];
  const made = headers();
  made.set('Nats-Msg-Id', eventIdOf(event));
  if (stream !== undefined) made.set('Nats-Expected-Stream', stream);
  made.set('content-type', format === 'cloudevents' ? 'application/cloudevents+json' : 'application/json');
  made.set('rxforce-topic', event.topic);
  if (key !== undefined) made.set('rxforce-key', key);
  return made;
}

/** What is sent. */
interface Message {
  readonly body: string;
  readonly headers?: MsgHdrs;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** The connection of a sink: made with the first call, and anew where it was closed. */
class NatsLine {
  private opening: Promise<NatsConnection> | undefined;
  private readonly address: NatsAddress;

  constructor(
    private readonly library: NatsLibrary,
    private readonly settings: NatsSettings,
  ) {
    this.address = natsAddress(settings.url, 'The url of a sink nats');
  }

  /** @param left - The ids of this event and those after it, where others of its batch are there. */
  async publish(message: Message, left: readonly string[] | undefined): Promise<void> {
    const { subject } = this.settings;
    try {
      const { stream, error } = await this.ask(subject, message);
      if (error !== undefined) throw refused(subject, error);
      // Nobody knows what became of the event.
      if (stream === undefined) throw noStream(this.settings);
    } catch (error) {
      throw left === undefined ? error : partOf(error as SinkError, left);
    }
  }

  /** Whether a stream has the subject. One that has none will have none by itself; a write may meet its restart. */
  async check(): Promise<void> {
    const { subject, stream } = this.settings;
    const { streams, error } = await this.ask('$JS.API.STREAM.NAMES', { body: JSON.stringify({ subject }) });
    if (error !== undefined) throw refused(subject, error);
    const [found] = streams ?? [];
    if (found === undefined) throw noStream(this.settings, { retriable: false });
    if (stream !== undefined && found !== stream) {
      throw new SinkError(`The stream ${found} has the subject ${subject}, and not ${stream}.`, { retriable: false });
    }
  }

  async close(): Promise<void> {
    const connection = await this.opening?.catch(() => undefined);
    await connection?.close();
  }

  private async ask(
    subject: string,
    { body, headers, signal }: Message,
  ): Promise<Answer & { readonly streams?: readonly string[] | null }> {
    const { timeout_ms: timeout } = this.settings;
    let answer: Msg;
    try {
      const connection = await this.connection();
      // It would come after later events, of this process or another one.
      signal?.throwIfAborted();
      answer = await connection.request(subject, body, { timeout, ...(headers && { headers }) });
    } catch (thrown) {
      throw this.failed(thrown);
    }
    return answerIn(answer);
  }

  /** One for all writes at a time. */
  private connection(): Promise<NatsConnection> {
    this.opening ??= this.connect().then(
      (connection) => {
        void connection.closed().then(() => (this.opening = undefined));
        return connection;
      },
      (error: unknown) => {
        this.opening = undefined;
        throw error;
      },
    );
    return this.opening;
  }

  private async connect(): Promise<NatsConnection> {
    const { credentials_path: path, timeout_ms: timeout } = this.settings;
    const options: NodeConnectionOptions = {
      // Each call connects anew where there is no connection. The library would take calls meanwhile, and forget them.
      ...{ name: 'rxforce', reconnect: false, timeout },
      ...this.address.options,
      ...(path !== undefined && { authenticator: this.library.credsAuthenticator(await readFile(path)) }),
    };
    return this.library.connect(options);
  }

  /** The message of the library has no credentials, and that of a file its path. */
  private failed(thrown: unknown): SinkError {
    const { name = '', message = '' } = Object(thrown) as Partial<Error>;
    const { hosts } = this.address;
    if (/no responders/i.test(message)) return noStream(this.settings);
    if (name === 'TimeoutError') {
      return new SinkError(`NATS at ${hosts} did not answer within ${this.settings.timeout_ms} ms.`, { outage: true });
    }
    const said = plainText(message || name, 200);
    const retriable = !FINAL.test(message);
    return new SinkError(`NATS at ${hosts} failed: ${said}`, { retriable, outage: retriable });
  }
}

/** Somebody else may answer to the subject, with something else. */
function answerIn(message: Msg): Answer & { readonly streams?: readonly string[] | null } {
  try {
    return message.json();
  } catch {
    return {};
  }
}

/** The same error, for a part of a batch. */
function partOf({ message, retriable, outage, cause }: SinkError, failed: readonly string[]): SinkError {
  return new SinkError(message, { retriable, outage, failed, ...(cause !== undefined && { cause }) });
}

function refused(subject: string, { code = SERVER_ERRORS, description = '' }: NonNullable<Answer['error']>): SinkError {
  const retriable = code >= SERVER_ERRORS;
  const text = `JetStream refused an event for ${subject}: ${plainText(description, 200)}`;
  return new SinkError(text, { retriable, outage: retriable });
}

function noStream({ subject, stream }: NatsSettings, details: SinkErrorDetails = {}): SinkError {
  const name = stream ?? subject.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  return new SinkError(
    `No stream of JetStream has the subject ${subject}. Make one: nats stream add ${name} --subjects ${subject}; and ` +
      'check that JetStream is enabled.',
    { outage: true, ...details },
  );
}

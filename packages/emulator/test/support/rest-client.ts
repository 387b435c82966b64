import { type WireConsumerEvent, WireReplayPreset } from '@rxforce/core/codec';
import type { Emulator } from '../../src/index.js';
import { type Decoded, decodeEvent } from './decoding.js';
import type { RawClient } from './raw-client.js';

/** An answer of the REST API, its JSON parsed. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Empty where the answer is. */
  readonly text: string;
  readonly body: unknown;
}

/** A client of the REST API that hides nothing of it. */
export class RestClient {
  private readonly version: string;

  constructor(
    private readonly emulator: Pick<Emulator, 'httpUrl' | 'credentials'>,
    version = 'v64.0',
  ) {
    this.version = version;
  }

  /** Makes a request below the version. */
  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RestAnswer> {
    const { httpUrl, credentials } = this.emulator;
    const response = await fetch(`${httpUrl}/services/data/${this.version}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${credentials.accessToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  /** Creates a record that must be fine, and gives its id. */
  async create(object: string, record: object): Promise<string> {
    const { status, body, text } = await this.request('POST', `/sobjects/${object}`, record);
    if (status !== 201) throw new Error(`Creating a record of ${object} was answered with ${status}: ${text}`);
    return (body as { id: string }).id;
  }

  /** Runs a query. */
  query(soql: string, headers: Readonly<Record<string, string>> = {}, resource = 'query'): Promise<RestAnswer> {
    return this.request('GET', `/${resource}?q=${encodeURIComponent(soql)}`, undefined, headers);
  }

  /** Runs a query that must be fine, and gives its records without what they say of themselves. */
  async records(soql: string, resource = 'query'): Promise<Record<string, unknown>[]> {
    const { status, body, text } = await this.query(soql, {}, resource);
    if (status !== 200) throw new Error(`${soql} was answered with ${status}: ${text}`);
    return (body as { records: Record<string, unknown>[] }).records.map(({ attributes: _, ...record }) => record);
  }
}

/** The first error of an answer. */
export function errorOf({ status, body }: RestAnswer): Record<string, unknown> {
  const [error] = body as [Record<string, unknown>];
  return { status, ...error };
}

/** The first change events on a topic, decoded. */
export async function changesOn(client: RawClient, topicName: string, count: number): Promise<Decoded[]> {
  const stream = client.open().request({ topicName, replayPreset: WireReplayPreset.EARLIEST, numRequested: count });
  const responses = await stream.events(count);
  stream.stream.end();
  const events: WireConsumerEvent[] = responses.flatMap((response) => response.events);
  return Promise.all(events.map((event) => decodeEvent(client, event)));
}

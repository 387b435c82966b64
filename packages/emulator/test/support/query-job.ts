import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import type { Emulator } from '../../src/index.js';
import { type RestAnswer, RestClient } from './rest-client.js';

/** A row of a table. */
export type Row = Readonly<Record<string, string>>;

/** A Bulk API job that reads records, as a client makes it. */
export class QueryJobClient {
  private constructor(
    private readonly emulator: Emulator,
    private readonly rest: RestClient,
    /** Its path below the version. */
    readonly path: string,
    /** The answer to its request. */
    readonly made: Readonly<Record<string, unknown>>,
  ) {}

  /** Makes a job. */
  static async create(emulator: Emulator, query: string, options: object = {}): Promise<QueryJobClient> {
    const rest = new RestClient(emulator);
    const { status, body } = await rest.request('POST', '/jobs/query', { operation: 'query', query, ...options });
    expect(status, JSON.stringify(body)).to.equal(200);
    const made = body as { id: string };
    return new QueryJobClient(emulator, rest, `/jobs/query/${made.id}`, made);
  }

  /** What is known of it. */
  async info(): Promise<Record<string, unknown>> {
    return (await this.rest.request('GET', this.path)).body as Record<string, unknown>;
  }

  /** Makes a request about it. */
  request(method: string, body?: object, below = ''): Promise<RestAnswer> {
    return this.rest.request(method, `${this.path}${below}`, body);
  }

  /** A piece of its results. */
  results(parameters = '', headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { httpUrl, credentials } = this.emulator;
    return fetch(`${httpUrl}/services/data/v64.0${this.path}/results?${parameters}`, {
      headers: { authorization: `Bearer ${credentials.accessToken}`, accept: 'text/csv', ...headers },
    });
  }

  /** All rows of its results, which must be there. */
  async rows(maxRecords = 1_000): Promise<Row[]> {
    const rows: Row[] = [];
    for (let locator = ''; locator !== 'null';) {
      const response = await this.results(`maxRecords=${maxRecords}&locator=${locator}`);
      expect(response.status).to.equal(200);
      rows.push(...parse<Row>(await response.text(), { columns: true }));
      locator = response.headers.get('sforce-locator') ?? 'null';
    }
    return rows;
  }
}

import { defer, of } from 'rxjs';
import { parseSchema, schemaIdOf } from '@rxforce/core/codec';
import type { OrgRequest } from '@rxforce/core';
import type { RecordsClient } from '../../src/reading/page-source.js';

const SCHEMA = JSON.stringify({
  type: 'record',
  name: 'AccountChangeEvent',
  fields: ['Name', 'Phone'].map((name) => ({ name, type: ['null', 'string'], doc: 'Data:Text' })),
});
/** The id of the schema of the org's events. */
export const SCHEMA_ID = schemaIdOf(parseSchema(SCHEMA));

/** An org whose answers the test has. */
export interface FakeOrg extends RecordsClient {
  /** What was called: the methods and paths, without the version. */
  readonly calls: string[];
  /** How often the schema of the events was asked for. */
  schemas: number;
}

/** The Id of a record by its number. */
export function idOf(number: number): string {
  return `001${String(number).padStart(12, '0')}AAA`;
}

/** A record of an answer. */
export function recordOf(number: number): object {
  return { Id: idOf(number), SystemModstamp: '2026-11-28T16:37:05.000+0000', Name: `account ${number}`, Phone: null };
}

/**
 * Makes an org that describes accounts, and answers other calls as the test says: a value is JSON, an error rejects.
 */
export function fakeOrg(answer: (path: string, request: OrgRequest) => unknown): FakeOrg {
  const fields = ['Id', 'Name', 'Phone'].map((name) => ({ name, type: 'string' }));
  const description = {
    name: 'Account',
    keyPrefix: '001',
    queryable: true,
    fields: [...fields, { name: 'SystemModstamp', type: 'datetime' }],
  };
  const org: FakeOrg = {
    calls: [],
    schemas: 0,
    changes: () => {
      throw new Error('No stream is opened.');
    },
    topic: (topic) => of({ topic, tenantId: '', canPublish: false, canSubscribe: true, schemaId: SCHEMA_ID }),
    schema: (id) => defer(() => (org.schemas++, of({ id, json: SCHEMA }))),
    fetch: async (whole, request = {}) => {
      const path = decodeURIComponent(whole.replaceAll('+', ' ')).replace(/^\/services\/data\/v[\d.]+/, '');
      org.calls.push(`${request.method ?? 'GET'} ${path}`);
      const said = path.endsWith('/describe') ? description : await answer(path, request);
      if (said instanceof Error) throw said;
      return said instanceof Response ? said : Response.json(said);
    },
  };
  return org;
}

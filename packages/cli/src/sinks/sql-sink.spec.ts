import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import type { SinkContext } from './sink-context.js';
import { sqlSink } from './sql-sink.js';

describe('sqlSink', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rxforce-sql-sink-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has the same tables with a schema as without one', async () => {
    const url = join(folder, 'crm.db');
    const context = { client: { schema: () => undefined } } as unknown as SinkContext;
    for (const schema of [undefined, 'main']) {
      const settings = { type: 'sqlite', url, schema, columns: 'add', deletes: 'mark', batch: undefined } as const;
      const sink = await sqlSink(settings, context, ['/data/MyThing__ChangeEvent']);
      // It makes the table, where that is missing.
      for (const entity of ['MyThing__c', 'OAuthToken']) await sink.sweep?.(entity, 0);
      await sink.close?.();
    }
    const database = new Database(url, { readonly: true });
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").pluck().all();
    database.close();
    expect(tables).to.deep.equal(['mything__c', 'o_auth_token']);
  });

  it('says which directory is missing', async () => {
    const context = { client: { schema: () => undefined } } as unknown as SinkContext;
    const url = join(folder, 'nowhere/crm.db');
    const settings = {
      type: 'sqlite',
      url,
      schema: undefined,
      columns: 'add',
      deletes: 'mark',
      batch: undefined,
    } as const;
    const sink = await sqlSink(settings, context, []);
    const error = await Promise.resolve(sink.sweep?.('Account', 0)).catch((thrown: unknown) => thrown);
    expect(error)
      .to.have.property('message')
      .that.includes('the directory does not exist. Make the directory, or correct the path of the file.')
      .and.not.includes('tried again');
    await sink.close?.();
  });
});

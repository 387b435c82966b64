import { expect } from 'chai';
import { inspect } from 'node:util';
import { oneStatement } from './database.js';
import { OpenedDatabase, type SqlSource } from './open-database.js';

const nothing = () => oneStatement({ sql: 'SELECT 1' });

const rejection = (database: OpenedDatabase) =>
  database.transaction(nothing).then(
    () => undefined,
    (error: unknown) => error as Error,
  );

describe('A database', () => {
  for (const [what, source] of Object.entries({
    nothing: undefined,
    'an object of something else': { host: 'x' },
    'an empty text': '',
    'the URL of another database': 'mysql://root:secret@host/db',
    'a path alone': './file.db',
  })) {
    it(`is refused at once, and without its text, when it is ${what}`, () => {
      let failure: unknown;
      try {
        new OpenedDatabase(source as unknown as SqlSource);
      } catch (error) {
        failure = error;
      }
      expect(failure).to.include({ code: 'configuration' });
      expect(String(failure)).not.to.include('secret');
    });
  }

  for (const [url, name] of Object.entries({ 'postgres://u:p@h/d': 'pg', ':memory:': 'better-sqlite3' })) {
    it(`says what to install, when ${name} is missing`, async () => {
      const missing = () => Promise.reject(new Error('Cannot find package'));
      const failure = await rejection(new OpenedDatabase(url, { load: missing }));
      expect(failure).to.include({ code: 'configuration' });
      expect(failure?.message).to.include(`npm install ${name}`);
    });
  }

  it('does not show its URL, when it is printed', () => {
    const database = new OpenedDatabase('postgres://user:secret@host/name');
    expect(inspect(database, { depth: 9, showHidden: true })).not.to.include('secret');
  });

  it('is opened again, when it could not be opened', async () => {
    const database = new OpenedDatabase('sqlite:/nowhere/at/all/file.db');
    expect(await rejection(database)).to.be.an('error');
    expect(await rejection(database)).to.be.an('error');
  });

  it('is a Pool, and no Client', async () => {
    const client = { connect: () => Promise.resolve(), on: () => undefined, listenerCount: () => 1 };
    const failure = await rejection(new OpenedDatabase(client as unknown as SqlSource));
    expect(failure).to.include({ code: 'configuration' });
    expect(failure?.message).to.include('Pool');
  });

  it('is in memory, when the URL says so', async () => {
    const database = new OpenedDatabase(':memory:');
    const rows = await database.transaction(() => oneStatement({ sql: 'SELECT $2 AS b, $1 AS a', values: [1, 'x'] }));
    expect(rows).to.deep.equal([{ a: 1, b: 'x' }]);
    await database.close();
    expect(await rejection(database)).to.include({ retriable: false });
  });

  describe('of PostgreSQL, by its URL,', () => {
    let pools: { readonly url: string; isEnded: boolean }[];

    beforeEach(() => (pools = []));

    class Pool {
      private readonly entry;
      constructor({ connectionString: url }: { readonly connectionString: string }) {
        this.entry = { url, isEnded: false };
        pools.push(this.entry);
      }
      on = () => undefined;
      listenerCount = () => 1;
      connect = () => Promise.resolve({ query: () => Promise.resolve({ rows: [] }), ...connection });
      end = () => Promise.resolve().then(() => void (this.entry.isEnded = true));
    }
    const connection = { release: () => undefined, on: () => undefined, off: () => undefined };
    const open = async (url: string, sharesPool = true) => {
      const database = new OpenedDatabase(url, { sharesPool, load: () => Promise.resolve({ default: { Pool } }) });
      await database.transaction(nothing);
      return database;
    };

    it('shares a pool with others of the same URL that share theirs, until the last of them is closed', async () => {
      const [a, b, other] = [
        await open('postgres://h/d'),
        await open('postgres://h/d'),
        await open('postgres://h/other'),
      ];
      expect(pools.map(({ url }) => url)).to.deep.equal(['postgres://h/d', 'postgres://h/other']);
      await a.close();
      await a.close();
      expect(pools.map(({ isEnded }) => isEnded)).to.deep.equal([false, false]);
      await b.transaction(nothing);
      expect(await rejection(a)).to.include({ retriable: false });
      await b.close();
      expect(pools.map(({ isEnded }) => isEnded)).to.deep.equal([true, false]);
      await other.close();
    });

    it('has a pool of its own, when it does not share it', async () => {
      const [mirror, store] = [await open('postgres://h/d'), await open('postgres://h/d', false)];
      await mirror.close();
      expect(pools.map(({ isEnded }) => isEnded)).to.deep.equal([true, false]);
      await store.transaction(nothing);
      await store.close();
      expect(pools.map(({ isEnded }) => isEnded)).to.deep.equal([true, true]);
    });

    it('has a new pool, when all others of its URL were closed', async () => {
      await (await open('postgres://h/d')).close();
      const next = await open('postgres://h/d');
      expect(pools.map(({ isEnded }) => isEnded)).to.deep.equal([true, false]);
      await next.close();
    });
  });
});

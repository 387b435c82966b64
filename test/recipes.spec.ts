import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import {
  clientCredentials,
  createClient,
  fileReplayStore,
  type ChangeEvent,
  type PubSubClient,
  type ReplayStore,
} from '@rxforce/core';
import { changeEvent } from '@rxforce/core/testing';
import { startEmulator, type Emulator } from '@rxforce/emulator';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Where packages can be found, and nothing else looks. */
const folder = join(root, 'node_modules/.rxforce-recipes');

/** The blocks of a language in a recipe. */
function blocksOf(recipe: string, language: string): string[] {
  const text = readFileSync(join(root, `docs/guides/recipes/${recipe}.md`), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code = '']) => code);
}

/** Loads the first block of TypeScript of a recipe as a module. */
async function load<T>(recipe: string): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${recipe}-${process.pid}.mts`);
  writeFileSync(file, blocksOf(recipe, 'ts')[0] ?? '');
  try {
    return (await import(pathToFileURL(file).href)) as T;
  } finally {
    rmSync(file);
  }
}

function clientOf({ httpUrl, credentials, grpcEndpoint, ca }: Emulator): PubSubClient {
  const auth = clientCredentials({ loginUrl: httpUrl, ...credentials });
  return createClient({ auth, endpoint: grpcEndpoint, tls: { ca: ca ?? '' } });
}

interface Account {
  Name: string | null;
  Industry: string | null;
}

describe('The recipe for PostgreSQL', function () {
  // It makes a database.
  this.timeout(180_000);
  let db: PGlite;
  let saveAccount: (db: PGlite, event: ChangeEvent<Account>) => Promise<void>;

  before(async () => {
    // Node would optimize the database, which is in WebAssembly, for longer than it is used.
    setFlagsFromString('--liftoff-only');
    db = new PGlite();
    ({ saveAccount } = await load<{ saveAccount: typeof saveAccount }>('postgresql'));
    await db.exec(blocksOf('postgresql', 'sql')[0] ?? '');
  });
  beforeEach(() => db.exec('DELETE FROM account'));
  after(async () => {
    await db.close();
    setFlagsFromString('--no-liftoff-only');
  });

  const at = (second: number, change: Parameters<typeof changeEvent<Account>>[0]) =>
    changeEvent<Account>({ recordIds: ['1'], commitTimestamp: Date.UTC(2030, 0, 1, 0, 0, second), ...change });
  const created = at(1, { data: { Name: 'Acme', Industry: 'Energy' } });
  const renamed = at(2, { changeType: 'UPDATE', data: { Name: 'Apex' } });
  const emptied = at(3, { changeType: 'UPDATE', data: { Industry: null } });
  const deleted = at(4, { changeType: 'DELETE' });

  async function rowAfter(...events: ChangeEvent<Account>[]): Promise<unknown> {
    for (const event of events) await saveAccount(db, event);
    const { rows } = await db.query('SELECT name, industry, deleted FROM account');
    expect(rows).to.have.length(1);
    return rows[0];
  }

  it('writes only what changed, and the nulls that are values', async () => {
    expect(await rowAfter(created, renamed)).to.deep.equal({ name: 'Apex', industry: 'Energy', deleted: false });
    expect(await rowAfter(emptied)).to.deep.equal({ name: 'Apex', industry: null, deleted: false });
  });

  it('is not changed by events that come again, one or all', async () => {
    const once = await rowAfter(created, renamed, emptied);
    expect(await rowAfter(created)).to.deep.equal(once);
    expect(await rowAfter(renamed, emptied)).to.deep.equal(once);
  });

  it('keeps a deleted record deleted, when older events come again', async () => {
    await rowAfter(created, deleted);
    expect(await rowAfter(created, renamed)).to.include({ deleted: true });
  });

  it('begins with an update, when the record is older than the table', async () => {
    expect(await rowAfter(renamed)).to.deep.equal({ name: 'Apex', industry: null, deleted: false });
  });
});

describe('The recipes that run against an org', function () {
  this.timeout(120_000);
  let emulator: Emulator;

  beforeEach(async () => {
    emulator = await startEmulator({ seed: 1 });
    create(20);
  });
  afterEach(() => emulator.stop());

  const create = (count: number) => {
    for (let index = 0; index < count; index++) emulator.org.create('Account', { Name: `account ${index}` });
  };
  const ids = () => emulator.log('/data/AccountChangeEvent').map(({ id }) => id);

  it('NestJS: work until the module is destroyed, and leave nothing half done', async () => {
    interface Sync {
      onModuleInit(): void;
      onModuleDestroy(): Promise<void>;
    }
    interface Work {
      save(event: ChangeEvent): Promise<void>;
    }
    interface Loaded {
      AccountSync: new (client: PubSubClient, work: Work, onFailed: (error: unknown) => void) => Sync;
    }
    const { AccountSync } = await load<Loaded>('nestjs');
    const client = clientOf(emulator);
    const begun: string[] = [];
    const saved: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const save = async ({ id }: ChangeEvent) => {
        if (begun.push(id) === 10) resolve(sync.onModuleDestroy());
        await new Promise((done) => setTimeout(done, 5));
        saved.push(id);
      };
      const sync = new AccountSync(client, { save }, reject);
      sync.onModuleInit();
    });
    expect(begun.length).to.be.at.least(10);
    expect(saved).to.have.members(begun);
    const again: unknown = await firstValueFrom(client.changes('Account')).catch((error: unknown) => error);
    expect(again).to.include({ code: 'client-closed' });
  });

  it('AWS Lambda: catch up call by call, each event once', async () => {
    interface Limits {
      readonly idleMs: number;
      readonly maxMs: number;
    }
    type Save = (event: ChangeEvent) => Promise<void>;
    interface Loaded {
      catchUp(client: PubSubClient, store: ReplayStore, save: Save, limits: Limits): Promise<void>;
    }
    const { catchUp } = await load<Loaded>('aws-lambda');
    const directory = mkdtempSync(join(tmpdir(), 'rxforce-recipes-'));
    const saved: string[] = [];
    const save: Save = ({ id }) => Promise.resolve(void saved.push(id));
    // As a schedule calls it: however little a call gets done, the next one goes on behind it.
    const catchUpTo = async (count: number) => {
      while (saved.length < count) {
        await catchUp(clientOf(emulator), fileReplayStore(directory), save, { idleMs: 500, maxMs: 60_000 });
      }
    };
    try {
      await catchUpTo(20);
      create(5);
      await catchUpTo(25);
      expect([...saved].sort()).to.deep.equal(ids().sort());
      const fails = () => Promise.reject(new Error('no database'));
      create(1);
      const thrown: unknown = await catchUp(clientOf(emulator), fileReplayStore(directory), fails, {
        idleMs: 60_000,
        maxMs: 60_000,
      }).catch((error: unknown) => error);
      expect(thrown).to.be.an('error').with.property('message', 'no database');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

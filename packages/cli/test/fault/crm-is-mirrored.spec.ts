import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { compare, rowsOf, type Difference } from '../../../../examples/mirror/src/compare.js';
import { startPostgres, type PostgresServer } from '../../../sql/test/support/postgres.js';
import { Workplace } from '../support/workplace.js';

const CONFIG = `
salesforce: {}
topics:
  - { topic: Account, name: crm, snapshot: true, sink: crm }
sinks:
  crm: { type: TYPE, url: "\${TABLES}", batch: { size: 200, wait_ms: 50 } }
processing: { commit_interval_ms: 50 }
`;
const RECORDS = 2_000;
const KILLS = 3;
const LONGEST_END_MS = 60_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A database, of which the sink and the comparison know the URL. */
interface Tables {
  readonly type: 'sqlite' | 'postgres';
  readonly url: string;
}

describe('A configuration file mirrors an org', function () {
  this.timeout(240_000);
  let place: Workplace;
  let server: PostgresServer | undefined;

  beforeEach(async () => (place = await Workplace.open({ keepaliveMs: 200 })));
  afterEach(async () => {
    await place.close();
    await server?.stop();
    server = undefined;
  });

  const databases: readonly (readonly [name: string, open: () => Promise<Tables>])[] = [
    ['SQLite', () => Promise.resolve({ type: 'sqlite', url: `sqlite:${join(place.folder, 'crm.db')}` })],
    [
      'PostgreSQL',
      async () => {
        server = await startPostgres();
        return { type: 'postgres', url: server.url };
      },
    ],
  ];
  for (const [name, open] of databases) {
    it(`into ${name}, so that the table equals the org, when the process is killed again and again`, async () => {
      const { org } = place.emulator;
      const { type, url } = await open();
      const path = place.file('config.yaml', CONFIG.replace('TYPE', type));
      const start = () => place.start(['run', path], { TABLES: url });
      org.fill('Account', RECORDS, (index) => ({ Name: `Account ${index}`, AnnualRevenue: index }));
      const load = place.emulator.startLoad({ entities: ['Account'], eventsPerSecond: 100, seed: 5 });
      // A file that is not there would be made by looking.
      const isThere = () => type === 'postgres' || existsSync(url.replace(/^sqlite:/, ''));
      const rows = async () => (isThere() ? (await rowsOf(url).catch(() => new Map())).size : 0);
      let command = start();
      for (let kill = 1; kill <= KILLS; kill++) {
        while ((await rows()) < (RECORDS * kill) / (KILLS + 1)) await pause(50);
        await command.kill('SIGKILL');
        command = start();
      }
      while ((await rows()) < RECORDS) await pause(50);
      load.stop();
      await load.done;
      const endsAt = performance.now() + LONGEST_END_MS;
      let found: Difference;
      do {
        await pause(250);
        found = compare(org.records('Account'), await rowsOf(url));
      } while (found.wrong.length + found.missing.length + found.leftOver.length > 0 && performance.now() < endsAt);
      await command.kill('SIGTERM');
      expect(found).to.deep.equal({ wrong: [], missing: [], leftOver: [] });
    });
  }
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { compare, rowsOf, type Difference } from '../../../../examples/mirror/src/compare.js';
import { Workplace } from '../support/workplace.js';

const CONFIG = `
salesforce: {}
topics:
  - { topic: Account, name: crm, snapshot: true, sink: crm }
sinks:
  crm: { type: sqlite, url: crm.db, batch: { size: 200, wait_ms: 50 } }
processing: { commit_interval_ms: 50 }
`;
const RECORDS = 2_000;
const KILLS = 3;
const LONGEST_END_MS = 60_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('A configuration file mirrors an org', function () {
  this.timeout(240_000);
  let place: Workplace;

  before(async () => (place = await Workplace.open({ keepaliveMs: 200 })));
  after(() => place.close());

  it('into SQLite, so that the table equals the org, when the process is killed again and again', async () => {
    const { org } = place.emulator;
    const path = place.file('config.yaml', CONFIG);
    const table = join(place.folder, 'crm.db');
    org.fill('Account', RECORDS, (index) => ({ Name: `Account ${index}`, AnnualRevenue: index }));
    const load = place.emulator.startLoad({ entities: ['Account'], eventsPerSecond: 100, seed: 5 });
    const rows = async () => (existsSync(table) ? (await rowsOf(`sqlite:${table}`).catch(() => new Map())).size : 0);
    let command = place.start(['run', path]);
    for (let kill = 1; kill <= KILLS; kill++) {
      while ((await rows()) < (RECORDS * kill) / (KILLS + 1)) await pause(50);
      await command.kill('SIGKILL');
      command = place.start(['run', path]);
    }
    while ((await rows()) < RECORDS) await pause(50);
    load.stop();
    await load.done;
    const endsAt = performance.now() + LONGEST_END_MS;
    let found: Difference;
    do {
      await pause(250);
      found = compare(org.records('Account'), await rowsOf(`sqlite:${table}`));
    } while (found.wrong.length + found.missing.length + found.leftOver.length > 0 && performance.now() < endsAt);
    await command.kill('SIGTERM');
    expect(found).to.deep.equal({ wrong: [], missing: [], leftOver: [] });
  });
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { filter, firstValueFrom, lastValueFrom, Subject, take, toArray } from 'rxjs';
import type { ChangeEvent, PubSubClient } from '@rxforce/core';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { clientOf } from '../../../core/test/support/emulated.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [READ = '', CHANGES = '', GAPS = ''] = [...README.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
  ([, code]) => code ?? '',
);

/** Where packages are found from. */
const FOLDER = fileURLToPath(new URL('../../../../node_modules/.rxforce-docs', import.meta.url));

describe('The README', () => {
  let emulator: Emulator;
  let client: PubSubClient;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rxforce-readme-'));
    emulator = await startEmulator({ seed: 1, tls: false, keepaliveMs: 100 });
    client = clientOf(emulator);
  });

  after(async () => {
    client.close();
    await emulator.stop();
    // Not before: as long as the client reads, its lock and its position are there.
    rmSync(folder, { recursive: true, force: true });
  });

  /** So that each block is a module of its own. */
  let runs = 0;

  /** Runs a block, with what it is given in place of what it does not declare. */
  async function run(code: string, given: Readonly<Record<string, unknown>>): Promise<void> {
    const file = join(FOLDER, `records-${process.pid}.mts`);
    mkdirSync(FOLDER, { recursive: true });
    Object.assign(globalThis, { given });
    writeFileSync(file, `const { ${Object.keys(given).join(', ')} } = globalThis.given;\n${code}\nexport {};\n`);
    try {
      await import(`${pathToFileURL(file).href}?${++runs}`);
    } finally {
      rmSync(file);
    }
  }

  it('shows how to read records', async () => {
    const { org } = emulator;
    const acme = org.create('Account', { Name: 'Acme', AnnualRevenue: 5_000, BillingAddress: { City: 'Rome' } });
    const plain = org.create('Account', { Name: 'Plain', AnnualRevenue: 2_000 });
    org.create('Account', { Name: 'Small', AnnualRevenue: 5 });
    const lines = new Subject<unknown[]>();
    const two = lastValueFrom(lines.pipe(take(2), toArray()));
    const code = READ.replace(/^const client = createClient\(\{[\s\S]*?^\}\);$/m, '');
    expect(code).to.not.equal(READ);
    await run(code, { client, console: { log: (...line: unknown[]) => lines.next(line) } });
    expect(await two).to.deep.equal([
      [acme, 'Acme', 'Rome'],
      [plain, 'Plain', undefined],
    ]);
  });

  it('shows how to read records, and then every change', async () => {
    const { org } = emulator;
    const acme = org.create('Account', { Name: 'There before' });
    const seen = new Subject<ChangeEvent>();
    const there = firstValueFrom(seen.pipe(filter(({ header }) => header.recordIds.includes(acme))));
    const save = (event: ChangeEvent) => Promise.resolve(seen.next(event));
    const code = CHANGES.replace("'./replay'", JSON.stringify(folder)).replace(
      "'crm-sync' }",
      "'crm-sync' }, queryLagMs: 0",
    );
    await run(code, { client, save });
    emulator.keepalive();
    expect((await there).header.changeType).to.equal('SNAPSHOT');
    const changed = firstValueFrom(seen.pipe(filter(({ header }) => header.changeType === 'UPDATE')));
    org.update('Account', acme, { Name: 'Changed' });
    expect((await changed).data).to.include({ Name: 'Changed' });
  });

  it('shows how to read the records of gaps', async () => {
    const account = emulator.org.transaction((tx) => tx.create('Account', { Name: 'Missed' }), { asGaps: true });
    const saved = new Subject<ChangeEvent>();
    const snapshot = firstValueFrom(saved.pipe(filter(({ header }) => header.recordIds.includes(account))));
    const changes$ = client.changes('Account', { replay: 'earliest' });
    await run(GAPS, { client, changes$, save: (event: ChangeEvent) => Promise.resolve(saved.next(event)) });
    const { header, data } = await snapshot;
    expect(header).to.include({ changeType: 'SNAPSHOT' });
    expect(data).to.include({ Name: 'Missed' });
  });
});

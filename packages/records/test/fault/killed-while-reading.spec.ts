import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { bundledProgram, localEnvironment } from '../../../../test/support/bundled.js';
import { seededSuite, times } from '../../../core/test/fault/support/seeded.js';
import { Journal, type Account, type Task } from './support/journal.js';

const RECORDS = Number(process.env.RXFORCE_RECORDS ?? 6_000);
/** At least the window of records, so that those in work are of two pages at most. */
const PAGE = 500;
const FIELDS: (keyof Account)[] = ['Name', 'AnnualRevenue', 'Phone'];
const CHANGES_A_SECOND = 200;
/** How long nothing may come while something is missing, once the load has ended. */
const LONGEST_END_MS = 30_000;

describe('A process that is killed while it reads records', function () {
  this.timeout(Math.max(400_000, (times(60_000) * RECORDS) / 6_000));
  const random = seededSuite(23);
  let emulator: Emulator;
  let directory: string;
  let child: ChildProcess | undefined;
  let isRead: boolean;

  beforeEach(async () => {
    isRead = false;
    emulator = await startEmulator({ seed: 1, tls: false, keepaliveMs: 200 });
    directory = mkdtempSync(join(tmpdir(), 'rxforce-reading-'));
  });

  afterEach(async () => {
    child?.kill('SIGKILL');
    await emulator.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  function start(): ChildProcess {
    const { httpUrl, grpcEndpoint, credentials } = emulator;
    const { clientId, clientSecret } = credentials;
    const login = { loginUrl: httpUrl, clientId, clientSecret };
    const task: Task = { directory, login, endpoint: grpcEndpoint, pageSize: PAGE, fields: FIELDS };
    const script = bundledProgram(new URL('support/reading-process.ts', import.meta.url));
    const options = { execArgv: [], env: localEnvironment() };
    return fork(script, [JSON.stringify(task)], options).once('message', () => (isRead = true));
  }

  async function kill(): Promise<void> {
    const { exitCode } = child!;
    const ended = new Promise((resolve) => child!.once('exit', resolve));
    child!.kill('SIGKILL');
    if (exitCode === null) await ended;
    expect(exitCode, 'it ended by itself').to.equal(null);
  }

  /** Reads the journal until something is so. */
  async function until(journal: Journal, isSo: () => boolean): Promise<void> {
    for (journal.readOn(); !isSo(); journal.readOn()) {
      expect(child!.exitCode, 'it ended by itself').to.equal(null);
      await pause(10);
    }
  }

  /** What differs between the journal and the org. */
  function differences(journal: Journal) {
    const org = new Map(emulator.org.records('Account').map(({ Id, ...record }) => [Id, record]));
    const isSame = (id: string) =>
      FIELDS.every((field) => (journal.records.get(id)?.[field] ?? null) === (org.get(id)?.[field] ?? null));
    const ids = [...new Set([...org.keys(), ...journal.records.keys()])];
    return ids.filter((id) => org.has(id) !== journal.records.has(id) || !isSame(id));
  }

  it('leaves no record wrong, missing or left over, and few are read again', async () => {
    const filled = emulator.org.fill('Account', RECORDS, (index) => ({
      Name: `Account ${index}`,
      AnnualRevenue: index,
    }));
    const load = emulator.startLoad({ entities: ['Account'], eventsPerSecond: CHANGES_A_SECOND, seed: 3 });
    const kills = times(12);
    const journal = new Journal(directory);
    child = start();
    for (let kill_ = 0; kill_ < kills; kill_++) {
      // So that the last kills come before the end of the reading.
      const more = 1 + random.below(Math.floor((1.6 * RECORDS) / kills));
      const enough = Math.min(journal.firstRows.size + more, RECORDS - 1);
      await until(journal, () => journal.firstRows.size >= enough);
      await kill();
      child = start();
    }
    await until(journal, () => isRead);
    journal.readOn();
    const unread = filled.filter((id) => !journal.firstRows.has(id));
    expect(unread, 'records that were not read').to.deep.equal([]);
    load.stop();
    await load.done;
    // What waited meanwhile may be much: as long as something comes, the rest may come.
    let size = 0;
    let endsAt = 0;
    await until(journal, () => {
      const grows = journal.size !== size;
      if (grows) endsAt = performance.now() + LONGEST_END_MS;
      ({ size } = journal);
      return !grows && (differences(journal).length === 0 || performance.now() > endsAt);
    });
    expect(differences(journal)).to.deep.equal([]);
    expect(journal.rows - journal.firstRows.size, 'records that came again').to.be.at.most(kills * 2 * PAGE);
  });
});

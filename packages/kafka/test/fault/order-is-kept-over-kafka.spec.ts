import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { createLogClient, memoryReplayStore } from '@rxforce/core';
import { handle, relayTo } from '@rxforce/operators';
import { clientOf } from '../../../core/test/support/emulated.js';
import { seededSuite, times, type Seeded } from '../../../core/test/fault/support/seeded.js';
import { MemoryLeases } from '../../../core/test/support/memory-lease.js';
import { MemoryMembership } from '../../../core/test/support/memory-membership.js';
import { KafkaLogs, TOPIC } from '../support/kafka-logs.js';
import { KafkaMock, PARTITIONS, until } from '../support/kafka-mock.js';

const RECORDS = 12;
const quiet = { warn: () => undefined };

interface Account {
  readonly Phone: string;
}

/** What was handled of each record, which counts up. */
class Handled {
  /** Values that came before those that they follow. */
  readonly skips: string[] = [];
  /** Values that came as two entries of the log. */
  readonly twice: string[] = [];
  private readonly last = new Map<string, number>();
  private readonly versions = new Map<string, bigint | undefined>();

  note(record: string, value: number, version: bigint | undefined): void {
    const [what, last = -1] = [`${record}: ${value}`, this.last.get(record)];
    if (value > last + 1) this.skips.push(`${what} after ${last}`);
    if (this.versions.has(what) && this.versions.get(what) !== version) this.twice.push(what);
    this.versions.set(what, version);
    this.last.set(record, value);
  }

  hasAll(wanted: ReadonlyMap<string, number>): boolean {
    return [...wanted].every(([record, value]) => this.last.get(record) === value);
  }
}

describe('the order of each record is kept over Kafka', function () {
  this.timeout(300_000);
  const random: Seeded = seededSuite(20_261_202);
  let emulator: Emulator;
  let mock: KafkaMock;
  let clients: { close(): unknown }[] = [];
  const logs = new KafkaLogs(() => mock);

  beforeEach(async () => {
    emulator = await startEmulator({ seed: 1 });
    mock = await KafkaMock.start();
  });

  afterEach(async () => {
    await mock.kill('SIGCONT');
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
    await logs.close();
    await mock.kill();
    await emulator.stop();
  });

  it('while relays lose their lease, workers are drained, and the broker stands still', async () => {
    const store = memoryReplayStore();
    const errors: unknown[] = [];
    const failed = (error: unknown) => void errors.push(error);
    const logOf = () => logs.open('crm', { partitions: PARTITIONS, timeoutMs: 400 });
    const relayLeases = new MemoryLeases(300);
    const workerLeases = new MemoryLeases(300);
    const membership = new MemoryMembership();
    const handled = new Handled();

    const startRelay = () => {
      const client = clientOf(emulator, { logger: quiet });
      clients.push(client);
      const changes$ = client.changes('Account', {
        ...{ replay: { store, name: 'relay', from: 'earliest', commitIntervalMs: 0 } as const, window: 40, fields: [] },
        lease: relayLeases.lease(),
      });
      changes$.pipe(relayTo(logOf(), { batchSize: 7, logger: quiet, fencedBy: changes$ })).subscribe({ error: failed });
    };
    const startWorker = () => {
      const worker = createLogClient({ log: logOf(), membership, logger: quiet });
      clients.push(worker);
      worker
        .changes<Account>('Account', { replay: { store, name: 'worker' }, lease: workerLeases.lease(), window: 20 })
        .pipe(
          handle(({ header, data, version }) => {
            header.recordIds.forEach((record) => handled.note(record, Number(data.Phone), version));
            return [];
          }),
        )
        .subscribe({ error: failed });
      return worker;
    };

    const values = new Map<string, number>();
    for (let record = 0; record < RECORDS; record++) values.set(emulator.org.create('Account', { Phone: '0' }), 0);
    const change = (count: number) => {
      for (let index = 0; index < count; index++) {
        const record = random.pick([...values.keys()]);
        const value = (values.get(record) ?? 0) + 1;
        values.set(record, value);
        emulator.org.update('Account', record, { Phone: String(value) });
      }
    };
    startRelay();
    startRelay();
    const workers = [startWorker(), startWorker()];
    const log = logs.open('crm', { partitions: PARTITIONS });
    const hasRepeats = async () => {
      const lags = await Promise.all([0, 1, 2, 3].map((partition) => log.lag(TOPIC, partition, undefined)));
      return lags.reduce((sum, { events = 0 }) => sum + events, 0) > emulator.log(TOPIC).length;
    };
    // Until the log has some of them several times, too, as a relay lost its lease while it appended.
    for (let round = 0; round < times(4) || !(await hasRepeats()); round++) {
      change(150);
      relayLeases.takeAll();
      change(50);
      if (round % 2 === 0) {
        await mock.kill('SIGSTOP');
        change(50);
        const deaf = logs.open('crm', { timeoutMs: 600 });
        await deaf.open().catch(() => undefined);
        await mock.kill('SIGCONT');
      } else {
        await workers.shift()?.drain({ timeoutMs: 10_000 });
        workers.push(startWorker());
      }
      workerLeases.takeAll();
      await until(() => handled.hasAll(values) || errors.length > 0);
    }
    expect(errors).to.deep.equal([]);
    expect(handled).to.deep.include({ skips: [], twice: [] });
  });
});

import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { createLogClient, memoryReplayStore, type EventLog, type PubSubClient, type Status } from '@rxforce/core';
import { handle, relayTo } from '@rxforce/operators';
import { clientOf } from '../../../packages/core/test/support/emulated.js';
import { seededSuite, times, type Seeded } from '../../../packages/core/test/fault/support/seeded.js';
import { MemoryLeases } from '../../../packages/core/test/support/memory-lease.js';
import { until } from '../until.js';

const TOPIC = '/data/AccountChangeEvent';
const WINDOW = 30;
const PARTITIONS = [0, 1, 2, 3];
/** How long a relay waits for an answer, in milliseconds: it tries again, also where an engine is only slow. */
const RELAY_TIMEOUT_MS = 300;
/** How long the log waits that is looked into, in milliseconds. */
const TIMEOUT_MS = 20_000;
const quiet = { warn: () => undefined };

/** An engine that can be stopped and killed, and goes on with what it had. */
export interface StoppableEngine {
  /** Another log over the same data, with this name and number of partitions, which waits so long for an answer. */
  log(name: string, partitions: number, timeoutMs: number): Promise<EventLog>;
  /** Sends a signal to its process. */
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Starts it, after it was killed. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A suite: while the engine is away, a relay holds its events, asks for nothing more once the window is full, and
 * appends each event once.
 */
export function relayHoldsBack(name: string, startEngine: () => Promise<StoppableEngine>): void {
  describe(`the relay holds back, on ${name}`, function () {
    this.timeout(600_000);
    const random: Seeded = seededSuite(20_261_201);
    let emulator: Emulator;
    let engine: StoppableEngine;
    let clients: { close(): unknown }[] = [];

    beforeEach(async () => {
      emulator = await startEmulator({ seed: 1 });
      engine = await startEngine();
    });

    afterEach(async () => {
      await engine.kill('SIGCONT');
      await Promise.all(clients.map((client) => client.close()));
      clients = [];
      await engine.stop();
      await emulator.stop();
    });

    const opened = <C extends { close(): unknown }>(client: C): C => {
      clients.push(client);
      return client;
    };
    const logOf = async (timeoutMs = TIMEOUT_MS): Promise<EventLog> =>
      opened(await engine.log('crm', PARTITIONS.length, timeoutMs));
    const make = (count: number) => {
      for (let index = 0; index < count; index++) emulator.org.create('Account', { Name: `a ${index}` });
    };
    /** How many entries the log has, of all partitions. */
    const entriesIn = async (log: EventLog) => {
      const lags = await Promise.all(PARTITIONS.map((partition) => log.lag(TOPIC, partition, undefined)));
      return lags.reduce((sum, { events = NaN }) => sum + events, 0);
    };

    /** Starts a relay. Returns what it was told, and how many events are in the log by its word. */
    async function relay(client: PubSubClient, options: { readonly leases?: MemoryLeases } = {}) {
      const statuses: Status[] = [];
      client.status$.subscribe((status) => statuses.push(status));
      const told = { statuses, relayed: 0, errors: [] as unknown[] };
      const lease = options.leases?.lease();
      const changes$ = client.changes('Account', {
        ...{ replay: { store, name: 'relay', from: 'earliest', commitIntervalMs: 0 }, window: WINDOW, fields: [] },
        ...(lease && { lease }),
      });
      const log = await logOf(RELAY_TIMEOUT_MS);
      changes$
        .pipe(relayTo(log, { batchSize: 10, logger: quiet, ...(lease && { fencedBy: changes$ }) }))
        .subscribe({ next: () => told.relayed++, error: (error: unknown) => told.errors.push(error) });
      return told;
    }
    let store = memoryReplayStore();
    beforeEach(() => (store = memoryReplayStore()));

    /** What workers find in the log: each event of the org once, and in its order within a partition. */
    async function expectWhole(): Promise<void> {
      const ids = emulator.log(TOPIC).map(({ id }) => id);
      const worker = opened(createLogClient({ log: await logOf(), logger: quiet }));
      const found = new Map<string, string[]>();
      let count = 0;
      worker
        .changes('Account')
        .pipe(
          handle(({ header, id }) => {
            const partition = String(header.recordIds);
            found.set(partition, [...(found.get(partition) ?? []), id]);
            count++;
            return [];
          }),
        )
        .subscribe();
      await until(() => count >= ids.length);
      expect(await entriesIn(await logOf())).to.equal(ids.length);
      expect([...found.values()].flat().sort()).to.deep.equal([...ids].sort());
    }

    for (const [how, away, back] of [
      ['stands still', () => engine.kill('SIGSTOP'), () => engine.kill('SIGCONT')],
      ['is killed', () => engine.kill('SIGKILL'), () => engine.start()],
    ] as const) {
      it(`asks for no more than a window, while the engine ${how}; then everything is in the log, once`, async () => {
        const client = opened(clientOf(emulator, { logger: quiet }));
        const told = await relay(client);
        for (let round = 1; round <= times(3); round++) {
          const before = told.relayed;
          make(WINDOW * 3);
          const some = before + 1 + random.below(WINDOW * 2);
          await until(() => told.relayed >= some);
          await away();
          make(WINDOW * 2);
          // It may be full before the engine is away, so no status tells.
          await until(() => {
            const { outstanding, unsettled } = client.state().subscriptions[0]?.window ?? {};
            return outstanding === 0 && unsettled === WINDOW;
          });
          const [state] = client.state().subscriptions;
          expect(state?.window).to.include({ outstanding: 0, unsettled: WINDOW });
          expect(told.relayed).to.be.lessThan(emulator.log(TOPIC).length);
          await back();
          await until(() => told.relayed >= emulator.log(TOPIC).length);
        }
        expect(told.errors).to.deep.equal([]);
        await expectWhole();
      });
    }

    it('gives its events back, when the lease is lost, and appends none of them twice', async () => {
      const leases = new MemoryLeases(200);
      const starts = [0, 1].map(() => relay(opened(clientOf(emulator, { logger: quiet })), { leases }));
      const told = await Promise.all(starts);
      const relayed = () => told.reduce((sum, each) => sum + each.relayed, 0);
      const acquired = () => told.flatMap(({ statuses }) => statuses).filter(({ type }) => type === 'acquired').length;
      for (let round = 1; round <= times(6); round++) {
        make(100);
        const some = relayed() + random.below(80);
        await until(() => relayed() >= some);
        const before = acquired();
        leases.takeAll();
        await until(() => acquired() > before);
      }
      await until(() => relayed() >= emulator.log(TOPIC).length);
      const log = await logOf();
      await until(async () => (await entriesIn(log)) >= emulator.log(TOPIC).length);
      expect(told.flatMap(({ errors }) => errors)).to.deep.equal([]);
      await expectWhole();
    });

    it('appends once what comes again, when a relay without a lease begins further back', async () => {
      make(60);
      for (let round = 0; round < 3; round++) {
        const client = opened(clientOf(emulator, { logger: quiet }));
        let relayed = 0;
        client
          .changes('Account', { replay: 'earliest', fields: [] })
          .pipe(relayTo(await logOf(RELAY_TIMEOUT_MS), { batchSize: 7, logger: quiet }))
          .subscribe(() => (relayed += 1));
        await until(() => relayed === 60);
        client.close();
      }
      await expectWhole();
    });
  });
}

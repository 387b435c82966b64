import { expect } from 'chai';
import { memoryReplayStore, type ChangeEvent } from '@rxforce/core';
import { applyChange, handle } from '@rxforce/operators';
import { records } from '@rxforce/records';
import { withEmulator } from '../../../core/test/support/emulated.js';
import { until } from '../../../core/test/fault/support/wait-for.js';
import { seededSuite, times } from '../../../core/test/fault/support/seeded.js';

const FIELDS = ['Name', 'AnnualRevenue', 'Phone'] as const;
type Account = Record<(typeof FIELDS)[number], unknown>;

const TOPIC = '/data/AccountChangeEvent';
const RECORDS = 1_000;
const LAG_MS = 400;
const OPEN_MS = 300;
const SKEW_MS = 2_500;

describe('Records, then every change since, of an org whose queries lag, transactions stay open and clocks differ', function () {
  this.timeout(120_000);
  const random = seededSuite(29);

  for (let run = 1; run <= times(3); run++) {
    it(`give a sink the records of the org in the end (${run})`, async () => {
      await withEmulator(
        async (emulator, client) => {
          const { org, faults } = emulator;
          org.fill('Account', RECORDS, (index) => ({ Name: `Account ${index}`, AnnualRevenue: index }));
          faults.lagQueries({ lagMs: LAG_MS });
          faults.delayCommits({ delayMs: OPEN_MS, atRandom: true });
          faults.skewStamps({ skewMs: random.below(2 * SKEW_MS) - SKEW_MS });
          const load = emulator.startLoad({
            entities: ['Account'],
            eventsPerSecond: 300,
            seed: 1 + random.below(1_000),
          });
          const sink = new Map<string, Partial<Account>>();
          const store = memoryReplayStore();
          const errors: unknown[] = [];
          const begin = () => {
            // A process that died writes no more.
            let isDead = false;
            const save = async ({ header, ...event }: ChangeEvent<Account>) => {
              await new Promise((resolve) => setImmediate(resolve));
              if (isDead) return;
              for (const id of header.recordIds) {
                const after = applyChange(sink.get(id), { ...event, header }).unwrap();
                if (after === undefined) sink.delete(id);
                else sink.set(id, after);
              }
            };
            const subscription = records<Account>(client, 'Account', { fields: FIELDS, pageSize: 200 })
              .changes({ replay: { store, name: 'sink' }, queryLagMs: LAG_MS + 200, rowWindow: 50 })
              .pipe(handle(save))
              .subscribe({ error: (error: unknown) => errors.push(error) });
            return () => {
              isDead = true;
              subscription.unsubscribe();
            };
          };
          /** Waits for so many changes of the org. */
          const changes = async (count: number) => {
            const enough = emulator.log(TOPIC).length + count;
            await until(() => emulator.log(TOPIC).length >= enough);
          };
          let die = begin();
          for (let crash = 0; crash < 2; crash++) {
            await changes(150 + random.below(450));
            die();
            die = begin();
          }
          await changes(600);
          load.stop();
          await load.done;
          faults.delayCommits({ delayMs: 0 });
          faults.commitNow();
          const isSame = () =>
            org.records('Account').length === sink.size &&
            org.records('Account').every((record) => {
              const known = sink.get(record.Id);
              return known !== undefined && FIELDS.every((field) => (known[field] ?? null) === (record[field] ?? null));
            });
          await until(() => isSame() || errors.length > 0);
          die();
          expect(errors).to.deep.equal([]);
          expect(sink.size).to.be.at.least(RECORDS);
        },
        { keepaliveMs: 100 },
      );
    });
  }
});

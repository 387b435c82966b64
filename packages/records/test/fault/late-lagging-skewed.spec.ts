import { expect } from 'chai';
import { memoryReplayStore, type ChangeEvent } from '@rxforce/core';
import { applyChange, handle } from '@rxforce/operators';
import { records } from '@rxforce/records';
import { withEmulator } from '../../../core/test/support/emulated.js';
import { seededSuite, times } from '../../../core/test/fault/support/seeded.js';

const FIELDS = ['Name', 'AnnualRevenue', 'Phone'] as const;
type Account = Record<(typeof FIELDS)[number], unknown>;

const RECORDS = 1_000;
const LAG_MS = 400;
const OPEN_MS = 300;
const SKEW_MS = 2_500;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

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
              await pause(0);
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
          let die = begin();
          for (let crash = 0; crash < 2; crash++) {
            await pause(500 + random.below(1_500));
            die();
            die = begin();
          }
          await pause(2_000);
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
          for (let look = 0; look < 200 && !isSame(); look++) await pause(100);
          die();
          expect(errors).to.deep.equal([]);
          expect(isSame(), 'the sink equals the org').to.equal(true);
          expect(sink.size).to.be.at.least(RECORDS);
        },
        { keepaliveMs: 100 },
      );
    });
  }
});

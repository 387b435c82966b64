import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { firstValueFrom, filter } from 'rxjs';
import { memoryReplayStore } from '@rxforce/core';
import { batchBy, handle } from '@rxforce/operators';
import { records } from '@rxforce/records';
import { withEmulator } from '../../../core/test/support/emulated.js';

const RECORDS = Number(process.env.RXFORCE_RECORDS ?? 100_000);
/** A row that stays would need some hundred bytes. */
const MOST_BYTES_A_ROW = 20;
const LONG_AGO = Date.parse('2020-01-01T00:00:00Z');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

describe('The memory of a process that reads many records', function () {
  this.timeout(300_000);

  it('does not grow with them', async () => {
    await withEmulator(
      async ({ org }, client) => {
        org.fill('Account', RECORDS, (index) => ({ Name: `Account ${index}` }), { at: LONG_AGO });
        let rows = 0;
        let atFirst: number | undefined;
        const used = () => {
          collect();
          return process.memoryUsage().heapUsed;
        };
        const accounts$ = records<{ Name: string }>(client, 'Account', { fields: ['Name'], by: 'rest' }).changes({
          replay: { store: memoryReplayStore() },
          queryLagMs: 0,
        });
        const isRead = firstValueFrom(
          accounts$.status$.pipe(filter((status) => status.type === 'snapshot' && status.phase === 'done')),
        );
        const work = (batch: readonly unknown[]) => {
          rows += batch.length;
          if (rows > RECORDS / 10) atFirst ??= used();
          return Promise.resolve();
        };
        const subscription = accounts$.pipe(batchBy(500, 50), handle(work)).subscribe();
        await isRead;
        const grown = used() - (atFirst ?? 0);
        subscription.unsubscribe();
        expect(rows).to.equal(RECORDS);
        expect(grown / RECORDS).to.be.below(MOST_BYTES_A_ROW);
      },
      { tls: false, keepaliveMs: 100 },
    );
  });
});

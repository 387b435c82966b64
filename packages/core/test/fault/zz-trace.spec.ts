import { asyncScheduler, from, lastValueFrom, tap, toArray } from 'rxjs';
import { startEmulator } from '@rxforce/emulator';
import { publishingTo } from '../support/real-publishing.js';
it('trace', async function () {
  this.timeout(200_000);
  const emulator = await startEmulator({ seed: 1 });
  const t0 = Date.now();
  const log = (m: string) => console.log(Date.now() - t0, m.slice(0, 150));
  const { publisher, close } = publishingTo(emulator, { scheduler: asyncScheduler, random: () => 0.005, logger: { warn: log } });
  const F: [string, () => unknown][] = [
    ['lose', () => emulator.faults.losePublishes({ times: 2 })],
    ['expire', () => emulator.faults.expireSessions({ cutExpired: true })],
    ['restart', () => emulator.faults.restartServer({ downMs: 20 })],
    ['goaway', () => { emulator.faults.goAway(); emulator.faults.dropStreams(); }],
  ];
  let seen = 0;
  await lastValueFrom(from(Array.from({ length: 3000 }, (_, i) => ({ id: String(i), data: { Order_Number__c: String(i) } }))).pipe(
    publisher('/event/Order_Event__e', { maxBatchEvents: 20 }),
    tap(() => { if (++seen % 300 === 0) { const f = F.shift(); if (f) { log('--- ' + f[0]); void Promise.resolve(f[1]()).then(() => log('over ' + f[0])); } } }),
    toArray(),
  ));
  log('done');
  close();
  await emulator.stop();
});

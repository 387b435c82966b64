import { startEmulator } from '@rxforce/emulator';
import { clientCredentials, createClient, memoryReplayStore } from '@rxforce/core';
import { handle } from '@rxforce/operators';
import { records } from '@rxforce/records';
const emulator = await startEmulator({ keepaliveMs: 300 });
const { org, faults, grpcEndpoint, httpUrl, ca = '', credentials } = emulator;
org.create('Account', Array.from({ length: 20 }, (_, i) => ({ Name: 'A' + i })));
const make = () => createClient({ auth: clientCredentials({ loginUrl: httpUrl, clientId: credentials.clientId, clientSecret: credentials.clientSecret }), endpoint: grpcEndpoint, tls: { ca } });
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
{ // drain during rows in work
  const client = make(); let begun = 0, done = 0;
  const c$ = records(client, 'Account').changes({ queryLagMs: 0, replay: { store: memoryReplayStore(), name: 'x' } });
  c$.pipe(handle(async () => { begun++; await sleep(1500); done++; }, { concurrency: 5 } as any)).subscribe({ error: (e: any) => console.log('ERR', e.message), complete: () => console.log('complete') });
  while (begun < 5) await sleep(50);
  const t0 = Date.now(); const report = await client.drain({ timeoutMs: 5000 });
  console.log('M drain took', Date.now() - t0, 'ms; rows begun', begun, 'done', done, JSON.stringify(report).slice(0, 300));
  await sleep(2000); console.log('M later: begun', begun, 'done', done);
}
{ // late commit of a stream whose position was lost
  const client = make(); const store = memoryReplayStore(); const log: string[] = []; const t0 = Date.now();
  const c$ = records(client, 'Account').changes({ queryLagMs: 0, replay: { store, name: 'x', onInvalid: 'snapshot', commitIntervalMs: 100 } as any });
  c$.status$.subscribe((s: any) => ['live', 'keepalive', 'received'].includes(s.type) || log.push(`${Date.now() - t0} ${s.type}${s.phase ? ':' + s.phase + s.rows : ''}${s.type === 'connecting' ? ' ' + s.from : ''}`));
  let slow = false;
  c$.pipe(handle(async (e: any) => { if (e.header.changeType === 'UPDATE' && slow) await sleep(800); })).subscribe({ error: (e: any) => log.push('ERR ' + e.message) });
  while (!log.some((l) => l.includes('done'))) await sleep(50);
  const id = (org.records('Account') as any)[0].Id ?? [...(org.records('Account') as any).keys()][0];
  slow = true;
  org.update('Account', [id], { Name: 'x1' } as any);
  await sleep(100);
  log.push('--- expire'); (faults as any).expireReplayIds();
  (faults as any).endStreams?.() ?? (faults as any).dropConnections?.() ?? console.log(Object.keys(faults));
  await sleep(4000);
  console.log(log.join('\n'));
}
process.exit(0);

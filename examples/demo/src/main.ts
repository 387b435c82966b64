/**
 * The demo: an org is changed, at times faster than the changes can be handled; the server is killed, the session
 * expires, connections die, and a new version is deployed in between. Nothing is lost, and nothing comes twice.
 *
 * It needs no Salesforce: the emulator serves a Pub/Sub API and a login of its own, on this machine. The pipeline is in
 * `consumer.ts`, what goes wrong in `faults.ts`.
 *
 * @packageDocumentation
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, identity, map, merge, timer, type Observable } from 'rxjs';
import { fileReplayStore, type Status } from '@rxforce/core';
import { startEmulator } from '@rxforce/emulator';
import { BURST_EVENTS, startBurst } from './burst.js';
import { consume } from './consumer.js';
import { openScreen } from './dashboard.js';
import { faultsAlong, type Fault } from './faults.js';
import type { Watched } from './figures.js';
import { Journal } from './journal.js';
import { loseOne } from './lose-one.js';
import { once } from './once.js';
import { terminations } from './signals.js';
import { summarize } from './summary.js';
import { Tally } from './tally.js';
import { TOPICS } from './topics.js';

/** The share of all events that were delivered when a new version is deployed. */
const DEPLOY_AT = 0.6;
/**
 * How long a consumer may take: what has not been handled by then fails the demo. All of it takes about ten seconds.
 */
const TIME_LIMIT_MS = 120_000;

const emulator = await startEmulator({ keepaliveMs: 250 });
const folder = await mkdtemp(join(tmpdir(), 'rxforce-demo-'));
const told$ = terminations();
process.stdout.write(`
An emulated org at ${emulator.grpcEndpoint}, over TLS. Its records change all the time; someone
imports a file, and more big deals come at once than can be handled: the window
fills, nothing more is asked for, the rest waits at the server. And things break.

`);

const startedAt = performance.now();
const watched = TOPICS.map((topic): Watched => ({
  topic,
  tally: new Tally(`/data/${topic.entity}ChangeEvent`),
  burst: startBurst(emulator, topic),
}));
const screen = openScreen(watched, process.stdout);
const journal = new Journal(screen.say);
const observe = (status: Status): void => {
  watched.forEach(({ tally }) => tally.observe(status));
  journal.observe(status);
};

const progress = (): number =>
  watched.reduce((sum, { tally }) => sum + tally.delivered.length, 0) / (watched.length * BURST_EVENTS);
/** All changes were made, and the stored positions are behind the last of them. */
const isAllDone = (): boolean =>
  watched.every(
    ({ burst, tally }) => burst.made() === BURST_EVENTS && tally.lastSaved?.id === emulator.log(tally.topic).at(-1)?.id,
  );

/** Why a consumer is to stop. */
type Reason = 'DEPLOYMENT' | 'ALL DONE' | 'TIME LIMIT' | NodeJS.Signals;

/** Consumes as a process of its own would: goes on where the one before has stood, and drains before it ends. */
async function consumeUntil(reason$: Observable<Reason>): Promise<Reason> {
  const timeLimit$ = timer(TIME_LIMIT_MS).pipe(map(() => 'TIME LIMIT' as const));
  const stop = firstValueFrom(merge(reason$, told$, timeLimit$));
  void stop.then((reason) => screen.say(`${reason}: the client drains`));
  const store = fileReplayStore(folder);
  const tamper = process.argv.includes('--lose-one') ? loseOne : identity;
  const { settled, unsettled } = await consume({ emulator, watched, store, observe, tamper }, stop);
  screen.say(`drained: ${settled} more events settled, ${unsettled} left unsettled, the positions are saved`);
  return stop;
}

let faults = 0;
const announce = ({ text }: Fault): void => {
  faults++;
  screen.say(`FAULT: ${text}`);
};
const breaking = faultsAlong(progress, emulator, announce).subscribe();
let reason: Reason;
try {
  reason = await consumeUntil(once(() => progress() >= DEPLOY_AT).pipe(map(() => 'DEPLOYMENT')));
  if (reason === 'DEPLOYMENT') reason = await consumeUntil(once(isAllDone).pipe(map(() => 'ALL DONE')));
} finally {
  breaking.unsubscribe();
  watched.forEach(({ burst }) => burst.stop());
  screen.stop();
  await emulator.stop();
  await rm(folder, { recursive: true });
}

const summary = summarize(watched, {
  isWhole: !reason.startsWith('SIG'),
  log: (topic) => emulator.log(topic),
  faults,
  logins: emulator.faults.logins(),
  seconds: (performance.now() - startedAt) / 1_000,
});
process.stdout.write(`\n${summary.text}`);
process.exitCode = summary.ok ? 0 : 1;

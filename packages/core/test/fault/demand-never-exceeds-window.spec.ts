import { expect } from 'chai';
import type { OperatorFunction } from 'rxjs';
import { memoryReplayStore, type ChangeEvent } from '@rxforce/core';
import { startEmulator } from '@rxforce/emulator';
import { clientOf } from '../support/emulated.js';
import { keep } from '../support/keep.js';
import { Chaos } from './support/chaos.js';
import { seeded, suiteSeed, type Seeded } from './support/seeded.js';
import { until } from './support/wait-for.js';

const TOPIC = '/data/AccountChangeEvent';
const EVENTS = 400;

describe('demand never exceeds the window', function () {
  this.timeout(360_000);
  const seed = suiteSeed(20_261_131);

  for (const window of [1, 2, 3, 7, 24, 99, 100, 101, 150, 250]) {
    it(`stays within a window of ${window}, stalls nowhere and asks for 100 at most, whatever breaks`, async () => {
      const { most, mostPending, ids, log } = await handleAll(window, seed, anyTime);
      expect(most.unsettled).to.be.at.most(window);
      expect(mostPending).to.be.at.most(Math.min(window, 100));
      expect([...ids].sort()).to.deep.equal([...log].sort());
    });

    it(`has no more than ${window} events to come again after a crash, when they are handled in order`, async () => {
      const { most, ids, log } = await handleAll(window, seed, () => 1);
      expect(most.uncommitted).to.be.at.most(window);
      expect(ids).to.deep.equal(log);
    });
  }
});

/** Handles events while things break, several at a time, each for as many turns as `turnsOf` says. */
async function handleAll(window: number, seed: number, turnsOf: (random: Seeded) => number) {
  const random = seeded(seed + window);
  const emulator = await startEmulator({ seed: window, keepaliveMs: 100, idleCloseMs: 200 });
  const client = clientOf(emulator, { logger: { warn: () => undefined } });
  const chaos = new Chaos({ emulator }, random, GENTLE);
  const ids: string[] = [];
  const most = { unsettled: 0, uncommitted: 0 };
  let mostPending = 0;
  client.status$.subscribe((status) => {
    if (!('window' in status)) return;
    const unsettled = status.outstanding + status.unsettled;
    most.unsettled = Math.max(most.unsettled, unsettled);
    most.uncommitted = Math.max(most.uncommitted, unsettled + status.uncommitted);
  });
  for (let index = 0; index < EVENTS; index++) emulator.org.create('Account', { Name: `account ${index}` });
  const replay = { from: 'earliest', store: memoryReplayStore(), commitIntervalMs: 10 } as const;
  const changes = client.changes('Account', { replay, window, silenceTimeoutMs: 500 });
  const work = inTurns(
    () => turnsOf(random),
    (id) => {
      ids.push(id);
      if (ids.length % 100 === 0) chaos.strike();
      emulator.subscriptions().forEach(({ maxPending }) => (mostPending = Math.max(mostPending, maxPending)));
    },
  );
  changes.pipe(work).subscribe();
  await until(() => ids.length >= emulator.log(TOPIC).length);
  await chaos.over();
  client.close();
  await emulator.stop();
  return { most, mostPending, ids, log: emulator.log(TOPIC).map(({ id }) => id) };
}

const anyTime = (random: Seeded) => random.below(5);

/** Those that do not cost a second each, for ten windows. */
const GENTLE = [
  'streams dropped',
  'streams ended in peace',
  'events sent again',
  'responses split',
  'sessions expired',
];

/** Works on each event for a number of turns of the event loop. */
function inTurns(turnsOf: () => number, done: (id: string) => void): OperatorFunction<ChangeEvent, unknown> {
  return keep((event, hold) => {
    let turns = turnsOf();
    const work = () => {
      if (turns-- > 0) {
        setImmediate(work);
        return;
      }
      done(event.id);
      hold.release();
    };
    work();
  });
}

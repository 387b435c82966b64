import { expect } from 'chai';
import { firstValueFrom, Subject } from 'rxjs';
import { startEmulator } from '@rxforce/emulator';
import { clientOf } from '../support/emulated.js';
import { FastClock } from '../support/fast-clock.js';
import { startProxy } from '../support/proxy.js';
import { Chaos, FAULTS, NETWORK_FAULTS } from './support/chaos.js';
import { seeded, suiteSeed } from './support/seeded.js';

const ALL_FAULTS = [...Object.keys(FAULTS), ...Object.keys(NETWORK_FAULTS)];
const TOPIC = '/data/AccountChangeEvent';
/** How much faster the client's clock is than that of the service: it waits before it connects again. */
const FASTER = 10;

describe('no loss across reconnects', function () {
  this.timeout(600_000);
  const seed = suiteSeed(20_261_123);

  it('gives 100,000 events once and in order, whatever breaks', async () => {
    const { ids, log, happened } = await receiveAll(seed, 100_000, 1_600);
    expect(happened).to.include.members(ALL_FAULTS).and.have.length.above(45);
    expect(ids.length).to.be.at.least(100_000);
    expect(firstDifference(ids, log)).to.equal(undefined);
  });
});

/** Receives events while they are made and faults happen: gives their ids, those of the log, and what happened. */
async function receiveAll(seed: number, atLeast: number, eventsPerFault: number) {
  const random = seeded(seed);
  const emulator = await startEmulator({ seed, keepaliveMs: 200, idleCloseMs: 300 });
  const proxy = await startProxy(Number(emulator.grpcEndpoint.split(':')[1]));
  const client = clientOf(emulator, {
    endpoint: proxy.endpoint,
    scheduler: new FastClock(FASTER),
    logger: { warn: () => undefined },
  });
  const chaos = new Chaos({ emulator, proxy }, random, ALL_FAULTS);
  const ids: string[] = [];
  const all = new Subject<void>();
  let inLog = 0;
  let nextFault = random.below(eventsPerFault);
  const makeMore = () => {
    const count = 1 + random.below(3_000);
    for (let index = 0; index < count; index++) emulator.org.create('Account', { Name: `account ${index}` });
    inLog = emulator.log(TOPIC).length;
  };
  makeMore();
  const subscription = client.changes('Account', { replay: 'earliest', silenceTimeoutMs: 600 * FASTER }).subscribe({
    next: ({ id }) => {
      ids.push(id);
      if (ids.length >= nextFault) {
        nextFault += random.below(2 * eventsPerFault);
        chaos.strike();
      }
      if (ids.length < inLog) return;
      // Faults make events, too.
      inLog = emulator.log(TOPIC).length;
      if (ids.length < inLog) return;
      if (ids.length < atLeast) makeMore();
      else all.next();
    },
    error: (error: unknown) => all.error(error),
  });
  try {
    await firstValueFrom(all);
    await chaos.over();
  } finally {
    subscription.unsubscribe();
    client.close();
    await proxy.stop();
    await emulator.stop();
  }
  return { ids, log: emulator.log(TOPIC).map(({ id }) => id), happened: chaos.happened };
}

/** Two lists of 100,000 are more than a message can show. */
function firstDifference(actual: readonly string[], expected: readonly string[]): object | undefined {
  const index = expected.findIndex((id, at) => id !== actual[at]);
  if (index < 0 && actual.length === expected.length) return undefined;
  const at = index < 0 ? expected.length : index;
  return { at, expected: expected[at], actual: actual[at], seenBefore: actual.indexOf(actual[at] ?? '') < at };
}

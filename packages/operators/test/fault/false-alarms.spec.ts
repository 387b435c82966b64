import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { startLawful, type LawfulBuild, type LawfulEnd } from './support/false-alarm.js';
import { LAWFUL, WARNED } from './support/lawful-pipelines.js';

const TOPIC = '/data/AccountChangeEvent';
const EVENTS = 30;
/** Longer than the library's 10 s on the pipelines' clocks, from their last event on. */
const QUIET_MS = 2_000;

describe('false alarms', function () {
  this.timeout(360_000);
  let emulator: Emulator;
  const ends = new Map<string, LawfulEnd>();

  before('all pipelines run', async () => {
    emulator = await startEmulator({ seed: 1, tls: false });
    let made = 0;
    const make = (count: number) => {
      for (const last = made + count; made < last;) {
        made++;
        emulator.org.create('Account', { Name: `n${made}`, AnnualRevenue: made, Industry: `k${made % 3}` });
      }
    };
    make(EVENTS);
    const numberAt = (id: string) => emulator.log(TOPIC).findIndex(({ replayId }) => replayId === id) + 1;
    const all: [string, LawfulBuild][] = Object.entries({ ...LAWFUL, ...WARNED });
    const clients = all.map(([name, build]) => {
      const { end, client } = startLawful(emulator, name, build, numberAt);
      ends.set(name, end);
      return client;
    });
    // The window of 10 fills and empties, and events come when all is quiet, too.
    for (let more = 0; more < 10; more++) {
      await setTimeout(50);
      make(2);
    }
    let [positions, since] = [0, Date.now()];
    while (Date.now() - since < QUIET_MS) {
      const now = [...ends.values()].reduce((sum, { position }) => sum + position, 0);
      if (now !== positions) [positions, since] = [now, Date.now()];
      await setTimeout(50);
    }
    clients.forEach((client) => client.close());
  });

  after(() => emulator.stop());

  for (const name of Object.keys(LAWFUL)) {
    it(`are none about ${name}`, () => {
      const { errors, warnings, early } = ends.get(name)!;
      expect({ errors, warnings, early }).to.deep.equal({ errors: [], warnings: [], early: [] });
    });
  }

  for (const name of Object.keys(WARNED)) {
    it(`are one warning about ${name}`, () => {
      const { errors, warnings, early } = ends.get(name)!;
      expect({ errors, early }).to.deep.equal({ errors: [], early: [] });
      expect(warnings).to.have.length(1);
    });
  }
});

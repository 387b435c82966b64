import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { startLawful, type LawfulBuild, type LawfulEnd } from './support/false-alarm.js';
import { LAWFUL, WARNED } from './support/lawful-pipelines.js';
import { TurnClock } from './support/unread/turn-clock.js';

const TOPIC = '/data/AccountChangeEvent';
const EVENTS = 30;
/** So much passes in a turn. It is little beside the library's 10 s, in which pipelines have turns enough to work. */
const TURN_MS = 20;
/** Longer than the library's 10 s, from the last event that a pipeline has worked on. */
const QUIET_MS = 15_000;

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
    const clock = new TurnClock(TURN_MS);
    const world = { emulator, scheduler: clock, numberAt };
    const clients = all.map(([name, build]) => {
      const { end, client } = startLawful(world, name, build);
      ends.set(name, end);
      return client;
    });
    // The window of 10 fills and empties, and events come when all is quiet, too.
    for (let more = 0; more < 10; more++) {
      for (let turns = 0; turns < 50; turns++) await clock.turn();
      make(2);
    }
    let [positions, since] = [0, clock.passedMs];
    while (clock.passedMs - since < QUIET_MS) {
      const now = [...ends.values()].reduce((sum, { position }) => sum + position, 0);
      if (now !== positions) [positions, since] = [now, clock.passedMs];
      await clock.turn();
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

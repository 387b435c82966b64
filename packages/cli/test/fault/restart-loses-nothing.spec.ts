import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ENGINES, type EngineServer } from '../support/engines.js';
import { Workplace } from '../support/workplace.js';

const CONFIG = `
salesforce: {}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 20 }
`;
const PASSWORD = 'secret-of-engine-2';
const LIVES = 5;
const EACH = 40;

describe('Restarts of rxforce run lose nothing', function () {
  this.timeout(120_000);
  let place: Workplace;
  let server: EngineServer | undefined;

  beforeEach(async () => (place = await Workplace.open()));
  afterEach(async () => {
    await place.close();
    await server?.stop();
    server = undefined;
  });

  /** Prints every event at least once, and those of a record in order, when it is killed again and again. */
  const losesNothing = async (more = '') => {
    const isLeased = more !== '';
    const { org } = place.emulator;
    const path = place.file('config.yaml', CONFIG + more);
    const id = org.create('Account', { Name: 'n0', AnnualRevenue: 0 });
    let made = 0;
    const seen: number[] = [];
    for (let life = 1; life <= LIVES; life += 1) {
      for (let count = 0; count < EACH; count += 1) org.update('Account', id, { AnnualRevenue: (made += 1) });
      const command = place.start(['run', path]);
      // Kills it in the middle of its work, and lets the last one finish.
      const enough = life === LIVES ? made : made - EACH / 2;
      await command.until(({ events }) => events.some(({ data }) => Number(data.AnnualRevenue) >= enough));
      await command.kill(life === LIVES ? 'SIGTERM' : 'SIGKILL');
      const all = command.events.map(({ data }) => Number(data.AnnualRevenue));
      // On a machine too slow for the time of the lease, what is not committed comes again: the first time counts.
      const numbers = isLeased ? [...new Set(all)] : all;
      expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b));
      seen.push(...numbers);
    }
    expect([...new Set(seen)].sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: made + 1 }, (_, index) => index),
    );
  };

  it('with positions in files', () => losesNothing());

  for (const { section, name, start } of ENGINES) {
    it(`with positions and leases on ${name}`, async () => {
      server = await start(PASSWORD);
      await losesNothing(`${section}: { url: "${server.url}", lease: true, lease_ttl_ms: 1000 }\n`);
      const { stdout } = await place.here(['positions', 'list', '--json', '-c', join(place.folder, 'config.yaml')]);
      expect(JSON.parse(stdout)).to.have.nested.property('[0].topic', '/data/AccountChangeEvent');
      expect(existsSync(join(place.folder, 'replay'))).to.equal(false);
    });
  }
});

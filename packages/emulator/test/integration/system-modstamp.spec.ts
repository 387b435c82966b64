import { expect } from 'chai';
import type { Emulator } from '../../src/index.js';
import { RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

const AT = Date.UTC(2026, 10, 29, 16, 0, 0, 700);

describe('SystemModstamp and LastModifiedDate', () => {
  it('are whole seconds, and apart where a record was touched', () =>
    withTouched(async (rest) => {
      const stamps = await rest.records('SELECT Name, SystemModstamp, LastModifiedDate FROM Account');
      expect(stamps).to.deep.equal([
        {
          Name: 'a',
          SystemModstamp: '2026-11-29T16:00:03.000+0000',
          LastModifiedDate: '2026-11-29T16:00:00.000+0000',
        },
        {
          Name: 'b',
          SystemModstamp: '2026-11-29T16:00:00.000+0000',
          LastModifiedDate: '2026-11-29T16:00:00.000+0000',
        },
      ]);
    }));

  it('filter and sort records, each by its own value', () =>
    withTouched(async (rest) => {
      const namesOf = async (clauses: string) =>
        (await rest.records(`SELECT Name FROM Account ${clauses}`)).map(({ Name }) => Name).join('');
      expect(await namesOf('WHERE SystemModstamp > 2026-11-29T16:00:00Z')).to.equal('a');
      expect(await namesOf('WHERE LastModifiedDate > 2026-11-29T16:00:00Z')).to.equal('');
      expect(await namesOf('ORDER BY SystemModstamp, Id')).to.equal('ba');
      expect(await namesOf('ORDER BY LastModifiedDate, Id')).to.equal('ab');
      const max = await rest.records('SELECT MAX(SystemModstamp) latest FROM Account');
      expect(max).to.deep.equal([{ latest: '2026-11-29T16:00:03.000+0000' }]);
    }));

  it('are in a record that is read alone', () =>
    withTouched(async (rest, { org }) => {
      const { body } = await rest.request('GET', `/sobjects/Account/${org.records('Account')[0]!.Id}`);
      expect(body).to.include({
        SystemModstamp: '2026-11-29T16:00:03.000+0000',
        LastModifiedDate: '2026-11-29T16:00:00.000+0000',
      });
    }));
});

describe('An org that is filled', () => {
  it('has the records for pages by keys, in the order of their ids, and no events', () =>
    withEmulator({}, async (emulator) => {
      const ids = emulator.org.fill('Account', 4_500, (index) => ({ Name: `n${index}` }));
      const rest = new RestClient(emulator);
      const read: unknown[] = [];
      for (let condition: string | undefined = ''; condition !== undefined;) {
        const page = await rest.records(`SELECT Id FROM Account ${condition} ORDER BY Id LIMIT 2000`);
        read.push(...page.map(({ Id }) => Id));
        const [last] = page.slice(-1);
        condition = last === undefined ? undefined : `WHERE Id > '${last.Id as string}'`;
      }
      expect(read).to.deep.equal(ids);
      expect((await rest.query('SELECT COUNT() FROM Account')).body).to.include({ totalSize: 4_500 });
      expect(emulator.log('/data/AccountChangeEvent')).to.deep.equal([]);
    }));
});

/** Runs a test with two records, the first of which was touched three seconds after it was made. */
function withTouched(test: (rest: RestClient, emulator: Emulator) => Promise<void>): Promise<void> {
  const clock = { time: AT };
  return withEmulator({ now: () => clock.time }, async (emulator) => {
    const [a] = emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
    clock.time += 3_000;
    emulator.org.touch('Account', a);
    await test(new RestClient(emulator), emulator);
  });
}

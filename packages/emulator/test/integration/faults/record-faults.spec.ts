import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import type { Emulator } from '../../../src/index.js';
import { QueryJobClient } from '../../support/query-job.js';
import { changesOn, errorOf, RestClient } from '../../support/rest-client.js';
import { until } from '../../support/until.js';
import { withEmulator } from '../../support/with-emulator.js';

const TOPIC = '/data/AccountChangeEvent';
const AT = Date.UTC(2026, 10, 29, 16);
const LAG = 5_000;
/** Longer than any test runs. */
const LONG = 1_000_000;

describe('lagQueries', () => {
  it('lets every way of reading answer as of a while ago, and changes act on the records of the moment', () =>
    withClock(async (emulator, clock) => {
      const { org, faults } = emulator;
      const rest = new RestClient(emulator);
      const id = org.create('Account', { Name: 'a', ERP_Key__c: 'k' });
      faults.lagQueries({ lagMs: LAG });
      clock.time += 1;
      org.update('Account', id, { Name: 'b' });
      const made = await rest.create('Account', { Name: 'new', ParentId: id });
      expect(await namesRead(emulator, id)).to.deep.equal(Array(6).fill('a'));
      expect((await rest.request('GET', `/sobjects/Account/${made}`)).status).to.equal(404);
      expect((await rest.query('SELECT COUNT() FROM Account')).body).to.include({ totalSize: 1 });
      expect((await rest.request('PATCH', `/sobjects/Account/${made}`, { Phone: '1' })).status).to.equal(204);
      clock.time += LAG;
      expect(await namesRead(emulator, id)).to.deep.equal(Array(6).fill('b'));
      expect((await rest.request('GET', `/sobjects/Account/${made}`)).body).to.include({ Name: 'new', Phone: '1' });
    }));

  it('ends at once, when the lag is 0', () =>
    withClock(async (emulator) => {
      const { org, faults } = emulator;
      faults.lagQueries({ lagMs: LAG });
      const id = org.create('Account', { Name: 'a', ERP_Key__c: 'k' });
      faults.lagQueries({ lagMs: 0 });
      expect(await namesRead(emulator, id)).to.deep.equal(Array(6).fill('a'));
    }));
});

describe('delayCommits', () => {
  it('answers a request after its commit, and shows nothing to others until then', () =>
    withClock(async (emulator, clock, client) => {
      const { faults } = emulator;
      const rest = new RestClient(emulator);
      faults.delayCommits({ delayMs: LONG, times: 1 });
      let answered = false;
      const creating = rest.create('Account', { Name: 'a' }).finally(() => (answered = true));
      await until(() => commitsWait(emulator));
      expect(await rest.records('SELECT Id FROM Account')).to.deep.equal([]);
      await setImmediate();
      expect([answered, emulator.log(TOPIC).length]).to.deep.equal([false, 0]);
      clock.time += 4_000;
      expect(faults.commitNow()).to.equal(1);
      const id = await creating;
      const [{ header, data }] = (await changesOn(client, TOPIC, 1)) as [Awaited<ReturnType<typeof changesOn>>[0]];
      expect(header).to.deep.include({ recordIds: [id], commitTimestamp: AT + 4_000 });
      expect(data).to.include({ LastModifiedDate: AT });
      expect(await rest.records('SELECT Name, SystemModstamp FROM Account')).to.deep.equal([
        { Name: 'a', SystemModstamp: '2026-11-29T16:00:00.000+0000' },
      ]);
    }));

  it('is for transactions with an object, so many of them, and no others', () =>
    withEmulator({}, ({ org, faults }) => {
      faults.delayCommits({ delayMs: LONG, entity: 'Account', times: 2 });
      org.create('Lead', { Company: 'l' });
      org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      org.transaction((tx) => [tx.create('Lead', { Company: 'm' }), tx.create('Account', { Name: 'c' })]);
      org.create('Account', { Name: 'd' });
      expect(org.records('Account').map(({ Name }) => Name)).to.deep.equal(['d']);
      expect(org.records('Lead').map(({ Company }) => Company)).to.deep.equal(['l']);
      expect(faults.commitNow()).to.equal(2);
      expect(org.records('Account').map(({ Name }) => Name)).to.deep.equal(['a', 'b', 'c', 'd']);
      return Promise.resolve();
    }));

  it('ends when its time is 0, and open transactions stay open', () =>
    withEmulator({}, ({ org, faults }) => {
      faults.delayCommits({ delayMs: LONG });
      org.create('Account', { Name: 'a' });
      org.create('Account', { Name: 'b' });
      faults.delayCommits({ delayMs: 0 });
      org.create('Account', { Name: 'c' });
      expect(org.records('Account').map(({ Name }) => Name)).to.deep.equal(['c']);
      expect(faults.commitNow()).to.equal(2);
      return Promise.resolve();
    }));

  it('commits each after a time of its own, when it is at random, so that later ones overtake', () =>
    withEmulator({}, async ({ org, faults }, client) => {
      faults.delayCommits({ delayMs: 30, atRandom: true });
      const ids = Array.from({ length: 20 }, (_, index) => org.create('Account', { Name: `n${index}` }));
      const committed = (await changesOn(client, TOPIC, ids.length)).map(({ header }) => header.recordIds);
      expect(committed.flat()).to.have.members(ids).and.not.deep.equal(ids);
      expect(org.records('Account').map(({ Id }) => Id)).to.deep.equal(ids);
    }));

  it('keeps a load at its pace', () =>
    withEmulator({}, async (emulator) => {
      emulator.faults.delayCommits({ delayMs: LONG });
      const load = emulator.startLoad({ eventsPerSecond: 2_000, limit: 50, entities: ['Account'] });
      await load.done;
      expect(load.made).to.equal(50);
      emulator.faults.commitNow();
      expect(emulator.log(TOPIC)).to.have.length(50);
    }));

  it('refuses an object that there is not', () =>
    withEmulator({}, ({ faults }) => {
      expect(() => faults.delayCommits({ delayMs: 1, entity: 'Acount' })).to.throw(ConfigurationError, '"Acount"');
      return Promise.resolve();
    }));
});

describe('skewStamps and touchRecords', () => {
  it('move the stamps that queries see, and no commit times', () =>
    withClock(async (emulator, clock, client) => {
      const { org, faults } = emulator;
      faults.skewStamps({ skewMs: -3_000 });
      const [a, b] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
      clock.time += 10_000;
      expect(faults.touchRecords({ entity: 'Account', ids: [b] })).to.equal(1);
      const rest = new RestClient(emulator);
      expect(await rest.records('SELECT Id, SystemModstamp FROM Account')).to.deep.equal([
        { Id: a, SystemModstamp: '2026-11-29T15:59:57.000+0000' },
        { Id: b, SystemModstamp: '2026-11-29T16:00:07.000+0000' },
      ]);
      const [first] = await changesOn(client, TOPIC, 1);
      expect(first!.header).to.include({ commitTimestamp: AT });
      expect(faults.touchRecords({ entity: 'Account' })).to.equal(2);
      expect(emulator.log(TOPIC)).to.have.length(2);
    }));
});

/** Whether a transaction waits for its commit: the request for it has come. */
function commitsWait({ org }: Emulator): boolean {
  return (org as unknown as { held: { events: number } }).held.events > 0;
}

/** The name of an account, in all the ways that it can be read. */
async function namesRead(emulator: Emulator, id: string): Promise<unknown[]> {
  const rest = new RestClient(emulator);
  const nameIn = async (path: string, place: (body: never) => unknown) => {
    const answer = await rest.request('GET', path);
    return answer.status === 200 ? place(answer.body as never) : errorOf(answer);
  };
  const query = `SELECT Name FROM Account WHERE Id = '${id}'`;
  const job = await QueryJobClient.create(emulator, query);
  return [
    (await rest.records(query))[0]?.Name,
    (await rest.records(query, 'queryAll'))[0]?.Name,
    (await job.rows())[0]?.Name,
    await nameIn(`/sobjects/Account/${id}`, ({ Name }: { Name: string }) => Name),
    await nameIn('/sobjects/Account/ERP_Key__c/k', ({ Name }: { Name: string }) => Name),
    await nameIn(
      `/composite/sobjects/Account?ids=${id}&fields=Name`,
      ([record]: [{ Name: string } | null]) => record?.Name,
    ),
  ];
}

/** Runs a test with a clock that is set by hand. */
function withClock(
  test: (emulator: Emulator, clock: { time: number }, client: Parameters<typeof changesOn>[0]) => Promise<void>,
): Promise<void> {
  const clock = { time: AT };
  return withEmulator({ now: () => clock.time }, (emulator, client) => test(emulator, clock, client));
}

import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { QueryJobClient } from '../../support/query-job.js';
import { errorOf, RestClient } from '../../support/rest-client.js';
import { withEmulator } from '../../support/with-emulator.js';

const QUERY = 'SELECT Name FROM Account';

describe('limitRequests', () => {
  it('leaves so many requests, as the header and the limits say, and refuses more', () =>
    withEmulator({ dailyApiRequests: 100 }, async (emulator) => {
      const rest = new RestClient(emulator);
      emulator.faults.limitRequests({ remaining: 2 });
      const first = await rest.request('GET', '/limits');
      expect(first.headers.get('sforce-limit-info')).to.equal('api-usage=99/100');
      expect(first.body).to.deep.equal({ DailyApiRequests: { Max: 100, Remaining: 2 } });
      expect((await rest.query(QUERY)).status).to.equal(200);
      expect(errorOf(await rest.query(QUERY))).to.include({ status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED' });
      emulator.faults.limitRequests({ remaining: 100 });
      expect((await rest.query(QUERY)).headers.get('sforce-limit-info')).to.equal('api-usage=1/100');
      emulator.faults.limitRequests();
      expect((await rest.query(QUERY)).status).to.equal(403);
    }));

  it('leaves no more than there are', () =>
    withEmulator({ dailyApiRequests: 100 }, ({ faults }) => {
      expect(() => faults.limitRequests({ remaining: 101 })).to.throw(ConfigurationError, 'limitRequests: remaining');
      return Promise.resolve();
    }));
});

describe('expireCursors', () => {
  it('closes the cursors of queries, so that their next page is refused, and later ones are served', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.fill('Account', 2_001, { Name: 'a' });
      const rest = new RestClient(emulator);
      const next = async () => {
        const { nextRecordsUrl } = (await rest.query(QUERY)).body as { nextRecordsUrl: string };
        return nextRecordsUrl.replace(/^\/services\/data\/v64\.0/, '');
      };
      const expired = await next();
      expect(emulator.faults.expireCursors()).to.equal(1);
      expect(errorOf(await rest.request('GET', expired))).to.deep.equal({
        status: 400,
        errorCode: 'INVALID_QUERY_LOCATOR',
        message: 'invalid query locator',
      });
      expect((await rest.request('GET', await next())).body).to.include({ done: true });
    }));

  it('happens by itself after two days', async () => {
    const clock = { time: Date.UTC(2026, 10, 29) };
    await withEmulator({ now: () => clock.time }, async (emulator) => {
      emulator.org.fill('Account', 2_001, { Name: 'a' });
      const rest = new RestClient(emulator);
      const { nextRecordsUrl } = (await rest.query(QUERY)).body as { nextRecordsUrl: string };
      const path = nextRecordsUrl.replace(/^\/services\/data\/v64\.0/, '');
      clock.time += 48 * 3_600_000 - 1;
      expect((await rest.request('GET', path)).status).to.equal(200);
      clock.time += 1;
      expect(errorOf(await rest.request('GET', path))).to.include({ errorCode: 'INVALID_QUERY_LOCATOR' });
    });
  });
});

describe('failJobs', () => {
  it('lets the next jobs fail after their time, without results', async () => {
    const clock = { time: Date.UTC(2026, 10, 29) };
    await withEmulator({ now: () => clock.time, bulkJobMs: 500 }, async (emulator) => {
      emulator.faults.failJobs({ errorMessage: 'Retried more than fifteen times' });
      const [failing, other] = [
        await QueryJobClient.create(emulator, QUERY),
        await QueryJobClient.create(emulator, QUERY),
      ];
      expect(await failing.info())
        .to.include({ state: 'InProgress' })
        .and.not.have.property('errorMessage');
      clock.time += 500;
      expect(await failing.info()).to.include({ state: 'Failed', errorMessage: 'Retried more than fifteen times' });
      expect(errorOf(await failing.request('GET', undefined, '/results'))).to.include({ status: 400 });
      expect(await other.info()).to.include({ state: 'JobComplete' });
    });
  });

  it('lets them be aborted, when it says so, and so many', () =>
    withEmulator({}, async (emulator) => {
      emulator.faults.failJobs({ state: 'Aborted', times: 2 });
      const states = [];
      for (let count = 0; count < 3; count++) {
        states.push((await (await QueryJobClient.create(emulator, QUERY)).info()).state);
      }
      expect(states).to.deep.equal(['Aborted', 'Aborted', 'JobComplete']);
    }));
});

describe('expireJobs', () => {
  it('lets jobs be gone with their results, in the middle of them', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      const job = await QueryJobClient.create(emulator, QUERY);
      const locator = (await job.results('maxRecords=1')).headers.get('sforce-locator');
      expect(emulator.faults.expireJobs()).to.equal(1);
      const answer = await job.results(`maxRecords=1&locator=${locator}`);
      expect(answer.status).to.equal(404);
      expect(await answer.json()).to.have.nested.property('[0].errorCode', 'NOT_FOUND');
      expect(await (await QueryJobClient.create(emulator, QUERY)).rows()).to.have.length(2);
    }));
});

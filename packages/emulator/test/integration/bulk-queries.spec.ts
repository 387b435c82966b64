import { expect } from 'chai';
import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Emulator } from '../../src/index.js';
import { QueryJobClient } from '../support/query-job.js';
import { errorOf, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

const DAY_MS = 24 * 3_600_000;
const AT = Date.UTC(2026, 10, 29, 16, 37, 5);

describe('Jobs that read records into a table', () => {
  it('give them in pieces, each with the locator of the next and the number of its records', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }, { Name: 'c' }]);
      const job = await QueryJobClient.create(emulator, 'SELECT Name FROM Account');
      const first = await job.results('maxRecords=2');
      expect(await first.text()).to.equal('"Name"\n"a"\n"b"\n');
      expect(first.headers.get('sforce-numberofrecords')).to.equal('2');
      const second = await job.results(`maxRecords=2&locator=${first.headers.get('sforce-locator')}`);
      expect(await second.text()).to.equal('"Name"\n"c"\n');
      expect(second.headers.get('sforce-numberofrecords')).to.equal('1');
      expect(second.headers.get('sforce-locator')).to.equal('null');
      expect((await job.rows(1)).map(({ Name }) => Name)).to.deep.equal(['a', 'b', 'c']);
    }));

  it('write every value in quotes, nothing where it is null, and moments with a Z', () =>
    withEmulator({ now: () => AT }, async (emulator) => {
      const parent = emulator.org.create('Account', { Name: 'p' });
      emulator.org.create('Account', {
        Name: 'b, "x"\nand',
        ParentId: parent,
        AnnualRevenue: 1.5,
        Renewal_Date__c: Date.UTC(2026, 1, 3),
        Support_Opens__c: 36_900_000,
        BillingAddress: { City: 'Oslo' },
      });
      const query =
        'SELECT Name, Parent.Name, AnnualRevenue, Key_Account__c, Phone, Renewal_Date__c, Support_Opens__c, ' +
        'BillingCity, SystemModstamp FROM Account WHERE ParentId != null';
      const job = await QueryJobClient.create(emulator, query);
      expect(await (await job.results()).text()).to.equal(
        '"Name","Parent.Name","AnnualRevenue","Key_Account__c","Phone","Renewal_Date__c","Support_Opens__c",' +
          '"BillingCity","SystemModstamp"\n' +
          '"b, ""x""\nand","p","1.5","false","","2026-02-03","10:15:00.000Z","Oslo","2026-11-29T16:37:05.000Z"\n',
      );
    }));

  it('write the delimiter and the line ending that the client asks for', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.create('Account', { Name: 'a' });
      const options = { columnDelimiter: 'PIPE', lineEnding: 'CRLF' };
      const job = await QueryJobClient.create(emulator, 'SELECT Name, Phone FROM Account', options);
      expect(job.made).to.include(options);
      expect(await (await job.results()).text()).to.equal('"Name"|"Phone"\r\n"a"|""\r\n');
    }));

  it('have the names of their columns alone, when there are no records', () =>
    withEmulator({}, async (emulator) => {
      const job = await QueryJobClient.create(emulator, 'SELECT Id, Name FROM Account');
      expect(await (await job.results()).text()).to.equal('"Id","Name"\n');
    }));

  it('read deleted records too, when they are asked for all', () =>
    withEmulator({}, async (emulator) => {
      const [a] = emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
      emulator.org.delete('Account', a);
      const rowsOf = async (operation: string) =>
        (await QueryJobClient.create(emulator, 'SELECT Name, IsDeleted FROM Account', { operation })).rows();
      expect(await rowsOf('query')).to.deep.equal([{ Name: 'b', IsDeleted: 'false' }]);
      expect(await rowsOf('queryAll')).to.deep.equal([
        { Name: 'a', IsDeleted: 'true' },
        { Name: 'b', IsDeleted: 'false' },
      ]);
    }));

  it('have the records as they were when the job began', () =>
    withEmulator({}, async (emulator) => {
      const [a, b] = emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
      const job = await QueryJobClient.create(emulator, 'SELECT Name FROM Account');
      emulator.org.update('Account', a, { Name: 'other' });
      emulator.org.delete('Account', b);
      emulator.org.create('Account', { Name: 'c' });
      expect(await job.rows()).to.deep.equal([{ Name: 'a' }, { Name: 'b' }]);
    }));

  it('come in gzip, when the client accepts that, and only then', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.create('Account', { Name: 'a' });
      const job = await QueryJobClient.create(emulator, 'SELECT Name FROM Account');
      for (const [accepted, encoding] of [
        ['deflate, gzip;q=0.5', 'gzip'],
        ['gzip;q=0', undefined],
        ['identity', undefined],
      ] as const) {
        const { headers, body } = await rawResults(emulator, job, accepted);
        expect(headers['content-encoding'], accepted).to.equal(encoding);
        const text = encoding === 'gzip' ? gunzipSync(body) : body;
        expect(text.toString()).to.equal('"Name"\n"a"\n');
      }
    }));

  const refused: readonly (readonly [string, string, string])[] = [
    ['SELECT Nothing FROM Account', 'INVALID_FIELD', 'No such column'],
    ['SELECT Id, (SELECT Id FROM Contacts) FROM Account', 'API_ERROR', 'Aggregate Relationships not supported'],
    ['SELECT Id, BillingAddress FROM Account', 'API_ERROR', 'Selecting compound data not supported in Bulk Query'],
    ['SELECT Headquarters__c FROM Account', 'API_ERROR', 'Selecting compound data not supported in Bulk Query'],
    ['SELECT COUNT() FROM Account', 'API_ERROR', 'Aggregate functions'],
    ['SELECT MAX(Name) FROM Account', 'API_ERROR', 'Aggregate functions'],
    ['SELECT Name FROM Account GROUP BY Name', 'API_ERROR', 'GROUP BY'],
    ['SELECT Id FROM Account LIMIT 5 OFFSET 2', 'API_ERROR', 'OFFSET'],
  ];
  for (const [query, errorCode, message] of refused) {
    it(`are refused with ${errorCode}, when the query is ${query}`, () =>
      withEmulator({}, async (emulator) => {
        const answer = await new RestClient(emulator).request('POST', '/jobs/query', { operation: 'query', query });
        expect(errorOf(answer)).to.include({ status: 400, errorCode });
        expect(errorOf(answer).message).to.contain(message);
      }));
  }

  it('are refused, when they have no query, and run with an order and a limit', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      const rest = new RestClient(emulator);
      const answer = await rest.request('POST', '/jobs/query', { operation: 'query', query: 5 });
      expect(errorOf(answer).errorCode).to.equal('INVALIDJOB');
      const job = await QueryJobClient.create(emulator, 'SELECT Name FROM Account ORDER BY Name DESC LIMIT 1');
      expect(await job.rows()).to.deep.equal([{ Name: 'b' }]);
    }));

  it('refuse a locator that no answer had', () =>
    withEmulator({}, async (emulator) => {
      const job = await QueryJobClient.create(emulator, 'SELECT Name FROM Account');
      const answer = await job.request('GET', undefined, '/results?locator=none');
      expect(errorOf(answer)).to.include({ status: 400, errorCode: 'INVALID_QUERY_LOCATOR' });
    }));
});

describe('The life of a job that reads records', () => {
  it('goes from UploadComplete through InProgress to JobComplete, which alone has results', () =>
    withClock(async (emulator, clock) => {
      emulator.org.create('Account', { Name: 'a' });
      const job = await QueryJobClient.create(emulator, 'SELECT Name FROM Account');
      expect(job.made).to.include({ state: 'UploadComplete', object: 'Account', jobType: 'V2Query' });
      clock.time += 999;
      expect(await job.info()).to.include({ state: 'InProgress', numberRecordsProcessed: 0 });
      expect(errorOf(await job.request('GET', undefined, '/results'))).to.include({ errorCode: 'INVALIDJOBSTATE' });
      expect(errorOf(await job.request('DELETE')).errorCode).to.equal('INVALIDJOBSTATE');
      clock.time += 1;
      expect(await job.info()).to.include({ state: 'JobComplete', numberRecordsProcessed: 1 });
      expect(await job.rows()).to.deep.equal([{ Name: 'a' }]);
      expect(errorOf(await job.request('PATCH', { state: 'Aborted' })).errorCode).to.equal('INVALIDJOBSTATE');
    }));

  it('ends at once, when a client aborts it', () =>
    withClock(async (emulator, clock) => {
      const job = await QueryJobClient.create(emulator, 'SELECT Name FROM Account');
      expect(errorOf(await job.request('PATCH', { state: 'Open' })).errorCode).to.equal('INVALIDJOBSTATE');
      expect((await job.request('PATCH', { state: 'Aborted' })).body).to.include({ state: 'Aborted' });
      clock.time += 1_000;
      expect(await job.info()).to.include({ state: 'Aborted' });
      expect(errorOf(await job.request('GET', undefined, '/results'))).to.include({ status: 400 });
    }));

  it('is over, when a client deletes it', () =>
    withEmulator({}, async (emulator) => {
      const job = await QueryJobClient.create(emulator, 'SELECT Name FROM Account');
      expect((await job.request('DELETE')).status).to.equal(204);
      expect((await job.request('GET')).status).to.equal(404);
    }));

  it('is over with its results after seven days', () =>
    withClock(async (emulator, clock) => {
      const old = await QueryJobClient.create(emulator, 'SELECT Name FROM Account');
      clock.time += DAY_MS;
      const young = await QueryJobClient.create(emulator, 'SELECT Name FROM Account');
      clock.time += 6 * DAY_MS - 1;
      expect((await old.request('GET')).status).to.equal(200);
      clock.time += 1;
      expect((await old.request('GET', undefined, '/results')).status).to.equal(404);
      const { body } = await new RestClient(emulator).request('GET', '/jobs/query');
      expect(body).to.have.property('records').with.length(1);
      expect(body).to.have.nested.property('records[0].id', young.made.id);
    }));
});

/** Runs a test with a clock that is set by hand, where jobs take a second. */
function withClock(test: (emulator: Emulator, clock: { time: number }) => Promise<void>): Promise<void> {
  const clock = { time: AT };
  return withEmulator({ now: () => clock.time, bulkJobMs: 1_000 }, (emulator) => test(emulator, clock));
}

/** Results as they come, which fetch would decompress. */
function rawResults(
  { httpUrl, credentials }: Emulator,
  { path }: QueryJobClient,
  accepted: string,
): Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }> {
  const headers = { authorization: `Bearer ${credentials.accessToken}`, 'accept-encoding': accepted };
  return new Promise((resolve, reject) => {
    request(`${httpUrl}/services/data/v64.0${path}/results`, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    })
      .on('error', reject)
      .end();
  });
}

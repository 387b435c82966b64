import { parse } from 'csv-parse/sync';
import { expect } from 'chai';
import type { Emulator } from '../../src/index.js';
import { errorOf, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

type Row = Readonly<Record<string, string>>;

describe('Jobs that change records by a table', () => {
  it('create them, a transaction for each 200, and tell what became of each', () =>
    withEmulator({}, async (emulator) => {
      const rows = Array.from(
        { length: 250 },
        (_, index) => `"Abel, ${index}",${index === 3 ? 'x'.repeat(50) : index}`,
      );
      const job = await run(emulator, { object: 'Account', operation: 'insert' }, ['Name,Phone', ...rows].join('\n'));
      expect(job.info).to.include({ state: 'JobComplete', numberRecordsProcessed: 250, numberRecordsFailed: 1 });
      expect(job.successes).to.have.length(249);
      expect(job.successes[0]).to.include({ sf__Created: 'true', Name: 'Abel, 0' });
      expect(emulator.org.record('Account', job.successes[0]!.sf__Id!)).to.include({ Name: 'Abel, 0', Phone: '0' });
      expect(job.failures).to.have.length(1);
      expect(job.failures[0]!.sf__Error).to.contain('STRING_TOO_LONG').and.to.contain('Phone');
      expect(emulator.log('/data/AccountChangeEvent')).to.have.length(249);
    }));

  it('update them, where an empty value changes nothing and #N/A takes one away', () =>
    withEmulator({}, async (emulator) => {
      const id = emulator.org.create('Account', { Name: 'a', Phone: '1', Fax: '2' });
      await run(emulator, { object: 'Account', operation: 'update' }, `Id,Phone,Fax,Key_Account__c\n${id},,#N/A,true`);
      const record = emulator.org.record('Account', id);
      expect(record).to.include({ Phone: '1', Key_Account__c: true }).and.not.have.property('Fax');
    }));

  it('upsert them by a field, and no key twice', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.create('Account', { Name: 'a', ERP_Key__c: 'k1' });
      const job = await run(
        emulator,
        { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Key__c', lineEnding: 'CRLF' },
        'ERP_Key__c,Name\r\nk1,b\r\nk2,c\r\nK2,d\r\n,e',
      );
      expect(job.successes.map(({ sf__Created, Name }) => [sf__Created, Name])).to.deep.equal([
        ['false', 'b'],
        ['true', 'c'],
      ]);
      expect(job.failures.map(({ sf__Error }) => sf__Error!.split(':')[0])).to.deep.equal([
        'DUPLICATE_VALUE',
        'MISSING_ARGUMENT',
      ]);
    }));

  it('delete them, and blame ids that are none', () =>
    withEmulator({}, async (emulator) => {
      const id = emulator.org.create('Account', { Name: 'a' });
      const job = await run(emulator, { object: 'Account', operation: 'delete' }, `Id\n${id}\nnone`);
      expect([job.successes.length, job.failures.length]).to.deep.equal([1, 1]);
      expect(emulator.org.records('Account')).to.deep.equal([]);
    }));

  for (const operation of ['update', 'delete', 'hardDelete', 'upsert']) {
    it(`${operation} the first of two rows with one id, and blame the second`, () =>
      withEmulator({}, async (emulator) => {
        const [id, other] = emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
        const options = { object: 'Account', operation, ...(operation === 'upsert' && { externalIdFieldName: 'Id' }) };
        const job = await run(emulator, options, `id\n${id}\n${id.slice(0, 15)}\n${other}`);
        expect(job.info).to.include({ state: 'JobComplete', numberRecordsProcessed: 3, numberRecordsFailed: 1 });
        expect(job.successes.map(({ sf__Id }) => sf__Id)).to.deep.equal([id, other]);
        expect(job.failures).to.have.length(1);
        expect(job.failures[0]).to.include({ sf__Id: id.slice(0, 15), id: id.slice(0, 15) });
        expect(job.failures[0]!.sf__Error).to.contain('DUPLICATE_VALUE');
      }));
  }

  it('keep what was done and give back what was not, when they fail half-way for a reason of nobody', async () => {
    const never = (): boolean => false;
    let failing = never;
    const now = (): number => {
      const isTime = failing;
      failing = never; // To ask the log asks the clock.
      if (isTime()) throw new Error('the clock stands still');
      failing = isTime;
      return Date.now();
    };
    await withEmulator({ now }, async (emulator) => {
      const topics = ['/data/AccountChangeEvent', '/data/ChangeEvents'];
      failing = () => topics.every((topic) => emulator.log(topic).length === 200);
      const names = Array.from({ length: 250 }, (_, index) => `a${index}`);
      const rest = new RestClient(emulator);
      const path = await open(rest, { object: 'Account', operation: 'insert' });
      await upload(rest, path, ['Name', ...names].join('\n'));
      await rest.request('PATCH', path, { state: 'UploadComplete' });
      const { body } = await rest.request('GET', path);
      expect(body).to.include({ state: 'Failed', numberRecordsProcessed: 200, numberRecordsFailed: 0 });
      expect(body).to.have.property('errorMessage').that.contains('the clock stands still');
      const successes = await csv(emulator, `${path}/successfulResults`);
      expect(successes.map(({ Name }) => Name)).to.deep.equal(names.slice(0, 200));
      const left = await csv(emulator, `${path}/unprocessedrecords`);
      expect(left.map(({ Name }) => Name)).to.deep.equal(names.slice(200));
    });
  });

  it('have no unprocessed records, when they are complete', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const path = await open(rest, { object: 'Account', operation: 'insert' });
      await upload(rest, path, 'Name\na');
      await rest.request('PATCH', path, { state: 'UploadComplete' });
      expect(await (await get(emulator, `${path}/unprocessedrecords`)).text()).to.equal('"Name"\n');
    }));

  it('fail as a whole, when the data is no table, and leave one row out, when a value is not of its type', () =>
    withEmulator({}, async (emulator) => {
      const broken = await run(emulator, { object: 'Account', operation: 'insert' }, 'Name\n"a');
      expect(broken.info).to.include({ state: 'Failed', numberRecordsProcessed: 0 });
      expect(broken.info.errorMessage).to.contain('InvalidBatch');
      const job = await run(emulator, { object: 'Account', operation: 'insert' }, 'Name,AnnualRevenue\na,much\nb,5');
      expect([job.successes.length, job.failures.length]).to.deep.equal([1, 1]);
    }));

  it('take one upload and one end, and are removed when they are over', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const path = await open(rest, { object: 'Account', operation: 'insert' });
      expect(errorOf(await rest.request('DELETE', path)).errorCode).to.equal('INVALIDJOBSTATE');
      expect((await upload(rest, path, 'Name\na')).status).to.equal(201);
      expect(errorOf(await upload(rest, path, 'Name\nb')).errorCode).to.equal('INVALIDJOBSTATE');
      expect((await rest.request('PATCH', path, { state: 'Aborted' })).body).to.include({ state: 'Aborted' });
      expect(errorOf(await rest.request('PATCH', path, { state: 'UploadComplete' })).status).to.equal(400);
      expect(await csv(emulator, `${path}/unprocessedrecords`)).to.deep.equal([{ Name: 'a' }]);
      expect((await rest.request('DELETE', path)).status).to.equal(204);
      expect((await rest.request('GET', path)).status).to.equal(404);
      expect(emulator.org.records('Account')).to.deep.equal([]);
    }));

  const refused: readonly (readonly [object, string])[] = [
    [{ object: 'Account', operation: 'explode' }, 'INVALIDJOB'],
    [{ object: 'Nothing', operation: 'insert' }, 'NOT_FOUND'],
    [{ object: 'Account', operation: 'upsert' }, 'NOT_FOUND'],
    [{ object: 'Account', operation: 'insert', columnDelimiter: 'DOT' }, 'INVALIDJOB'],
    [{ object: 'Account', operation: 'insert', contentType: 'XML' }, 'INVALIDJOB'],
  ];
  for (const [job, errorCode] of refused) {
    it(`are refused with ${errorCode}, when they are ${JSON.stringify(job)}`, () =>
      withEmulator({}, async (emulator) => {
        expect(errorOf(await new RestClient(emulator).request('POST', '/jobs/ingest', job)).errorCode).to.equal(
          errorCode,
        );
      }));
  }
});

interface FinishedJob {
  readonly info: Readonly<Record<string, unknown>>;
  readonly successes: Row[];
  readonly failures: Row[];
}

async function run(emulator: Emulator, job: object, data: string): Promise<FinishedJob> {
  const rest = new RestClient(emulator);
  const path = await open(rest, job);
  await upload(rest, path, data);
  expect((await rest.request('PATCH', path, { state: 'UploadComplete' })).body).to.include({ state: 'UploadComplete' });
  const { body } = await rest.request('GET', path);
  return {
    info: body as FinishedJob['info'],
    successes: await csv(emulator, `${path}/successfulResults`),
    failures: await csv(emulator, `${path}/failedResults`),
  };
}

async function open(rest: RestClient, job: object): Promise<string> {
  const { status, body } = await rest.request('POST', '/jobs/ingest', job);
  expect(status).to.equal(200);
  const { id, contentUrl } = body as { id: string; contentUrl: string };
  expect(contentUrl).to.equal(`services/data/v64.0/jobs/ingest/${id}/batches`);
  return `/jobs/ingest/${id}`;
}

function upload(rest: RestClient, path: string, data: string) {
  return rest.request('PUT', `${path}/batches`, data, { 'content-type': 'text/csv' });
}

async function csv(emulator: Emulator, path: string): Promise<Row[]> {
  return parse<Row>(await (await get(emulator, path)).text(), { columns: true });
}

function get({ httpUrl, credentials }: Emulator, path: string): Promise<Response> {
  const headers = { authorization: `Bearer ${credentials.accessToken}`, accept: 'text/csv' };
  return fetch(`${httpUrl}/services/data/v64.0${path}`, { headers });
}

import { expect } from 'chai';
import fc from 'fast-check';
import { firstValueFrom } from 'rxjs';
import { ServiceError, type PubSubClient } from '@rxforce/core';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import type { RowPage } from '../../src/reading/page-source.js';
import { clientOf } from '../../../core/test/support/emulated.js';
import { rejection } from '../../../core/test/support/rejection.js';
import { idsIn, pagesOf, rowsOf, watched, type Data, type WatchedClient } from '../support/org.js';

const PROJECTS = 2_450;
const VERSION = '/services/data/v64.0';

describe('Pages of records', () => {
  let emulator: Emulator;
  let real: PubSubClient;
  let client: WatchedClient;
  let ids: string[];

  before(async () => {
    emulator = await startEmulator({ seed: 1, tls: false });
    real = clientOf(emulator);
    ids = emulator.org.transaction((tx) =>
      Array.from({ length: PROJECTS }, (_, index) => tx.create('Project__c', { Name: `project ${index}` })),
    );
  });

  beforeEach(() => {
    client = watched(real);
  });

  after(async () => {
    real.close();
    await emulator.stop();
  });

  const fewFields = { fields: ['Name'], pageSize: 200 } as const;
  const jobIn = ({ cursor }: RowPage<Data>) => (JSON.parse(cursor) as { job: string }).job;

  for (const by of ['rest', 'bulk'] as const) {
    describe(`by ${by}`, () => {
      it('have every record once, and are no larger than asked for', async () => {
        const source = await rowsOf(client, 'Project__c', { ...fewFields, by });
        const pages = await pagesOf(source);
        expect(idsIn(pages).sort()).to.deep.equal([...ids].sort());
        for (const { rows } of pages) expect(rows.length).to.be.at.most(200);
        expect(source.count).to.equal(by === 'rest' ? PROJECTS : undefined);
        const { schemaId } = await firstValueFrom(real.topic('Project__c'));
        expect(source.schemaId).to.equal(schemaId);
      });

      it('go on at any cursor in another process, and nothing is left out or read twice', async () => {
        const first = await pagesOf(await rowsOf(client, 'Project__c', { ...fewFields, by }));
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 0, max: first.length - 1 }), async (index) => {
            const rest = await pagesOf(await rowsOf(client, 'Project__c', { ...fewFields, by }), first[index]!.cursor);
            expect(idsIn([...first.slice(0, index + 1), ...rest])).to.deep.equal(idsIn(first));
            for (const page of rest) expect(page).to.not.have.property('restarted');
          }),
          { numRuns: 10 },
        );
      });

      it('go on in their own way, when another one would be taken by now', async () => {
        const other = by === 'rest' ? 'bulk' : 'rest';
        const first = await firstValueFrom((await rowsOf(client, 'Project__c', { ...fewFields, by })).page(undefined));
        const rest = await pagesOf(await rowsOf(client, 'Project__c', { ...fewFields, by: other }), first.cursor);
        expect(idsIn([first, ...rest]).sort()).to.deep.equal([...ids].sort());
      });

      it('begin anew and say so, when the question is another one', async () => {
        const first = await firstValueFrom((await rowsOf(client, 'Project__c', { ...fewFields, by })).page(undefined));
        for (const options of [{ where: "Name > 'project 2'" }, { fields: ['Status__c'] }]) {
          const another = await rowsOf(client, 'Project__c', { ...fewFields, by, ...options });
          expect(await firstValueFrom(another.page(first.cursor))).to.include({ restarted: true });
        }
        expect(await firstValueFrom((await rowsOf(client, 'Project__c')).page('no cursor'))).to.include({
          restarted: true,
        });
      });

      it('are one and empty, when there are no records', async () => {
        const none = await rowsOf(client, 'Project__c', { by, where: "Name = 'nothing'" });
        const [page, ...more] = await pagesOf(none);
        expect(page).to.deep.include({ rows: [], isLast: true });
        expect(more).to.deep.equal([]);
        expect(await firstValueFrom(none.page(page!.cursor)))
          .to.deep.include({ rows: [], isLast: true })
          .and.not.include({ restarted: true });
      });
    });
  }

  it('of a job need few calls: the first piece is small, and shows how large the others may be', async () => {
    await pagesOf(await rowsOf(client, 'Project__c', { ...fewFields, by: 'bulk' }));
    const pieces = client.pathsWith('/results');
    expect(pieces).to.have.length(2);
    expect(pieces[0]).to.match(/maxRecords=2000$/);
    expect(pieces[1]).to.match(/maxRecords=50000&locator=/);
  });

  it('begin anew and say so, when the job is gone', async () => {
    const source = await rowsOf(client, 'Project__c', { ...fewFields, by: 'bulk' });
    const first = await firstValueFrom(source.page(undefined));
    await real.fetch(`${VERSION}/jobs/query/${jobIn(first)}`, { method: 'DELETE' });
    const another = await rowsOf(client, 'Project__c', { ...fewFields, by: 'bulk' });
    const pages = await pagesOf(another, first.cursor);
    expect(pages[0]).to.include({ restarted: true });
    expect(pages[1]).to.not.have.property('restarted');
    expect(idsIn(pages).sort()).to.deep.equal([...ids].sort());
    expect(jobIn(pages[0]!)).to.not.equal(jobIn(first));
  });

  it('begin anew and say so, when the results of the job are not given any more', async () => {
    const first = await firstValueFrom(
      (await rowsOf(client, 'Project__c', { ...fewFields, by: 'bulk' })).page(undefined),
    );
    const refusing = watched(real, ({ path }) => {
      if (!path.includes(`${jobIn(first)}/results`)) return undefined;
      throw new ServiceError('The job is Aborted.', { serviceCode: 'INVALIDJOBSTATE' });
    });
    const another = await rowsOf(refusing, 'Project__c', { ...fewFields, by: 'bulk' });
    expect(await firstValueFrom(another.page(first.cursor))).to.include({ restarted: true });
  });

  it('error, when the results of a new job are refused', async () => {
    const refused = new ServiceError('no', { serviceCode: 'NOT_FOUND' });
    const refusing = watched(real, ({ path }) => {
      if (path.includes('/results')) throw refused;
    });
    const source = await rowsOf(refusing, 'Project__c', { ...fewFields, by: 'bulk' });
    expect(await rejection(firstValueFrom(source.page(undefined)))).to.equal(refused);
    expect(refusing.pathsWith('/results')).to.have.length(1);
  });

  it('are read again, when the results of a job broke off', async () => {
    const refused = watched(real, async ({ path }) => {
      if (!path.includes('/results') || refused.pathsWith('/results').length > 1) return undefined;
      const whole = await real.fetch(VERSION + path);
      const lines = (await whole.text()).split('\n');
      return new Response(lines.slice(0, 250).join('\n'), { headers: whole.headers });
    });
    const warnings: string[] = [];
    const logger = { warn: (message: string) => void warnings.push(message) };
    const source = await rowsOf(refused, 'Project__c', { ...fewFields, by: 'bulk', logger });
    expect(idsIn(await pagesOf(source)).sort()).to.deep.equal([...ids].sort());
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('broke off after 249 of 2000 records');
  });

  it('error, when an answer is no page', async () => {
    const answers = [{}, { records: [{}] }, { records: [{ Id: ids[0], SystemModstamp: 'now' }] }];
    for (const answer of answers) {
      const strange = watched(real, ({ path }) => (path.includes('ORDER BY') ? Response.json(answer) : undefined));
      const source = await rowsOf(strange, 'Project__c', fewFields);
      expect(await rejection(firstValueFrom(source.page(undefined)))).to.have.property('code', 'protocol');
    }
  });
});

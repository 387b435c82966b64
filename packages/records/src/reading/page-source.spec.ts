import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import { ServiceError } from '@rxforce/core/model';
import { fakeOrg, idOf, recordOf, SCHEMA_ID } from '../../test/support/fake-org.js';
import { resolveRecordsOptions, type RecordsOptions } from '../records-options.js';
import { openRows } from './page-source.js';

type Data = Record<string, unknown>;
const open = (org: ReturnType<typeof fakeOrg>, options: RecordsOptions<Data> = {}) =>
  firstValueFrom(openRows<Data>(org, 'Account', resolveRecordsOptions(options)));

/** An org with so many records that answers with none of them. */
const orgOf = (count: unknown) =>
  fakeOrg((path) => {
    if (path.includes('COUNT()')) return count instanceof Error ? count : { totalSize: count, done: true, records: [] };
    if (path.startsWith('/jobs/query')) return { id: '750000000000001AAA', state: 'Failed' };
    return { totalSize: 1, done: true, records: [recordOf(1)] };
  });

describe('openRows', () => {
  it('looks at the object and counts its records, before any is read', async () => {
    const org = orgOf(7);
    const source = await open(org, { where: 'Name = null' });
    expect(source).to.include({ count: 7, schemaId: SCHEMA_ID });
    expect(org.calls).to.deep.equal([
      'GET /sobjects/Account/describe',
      'GET /query?q=SELECT COUNT() FROM Account WHERE Name = null',
    ]);
  });

  const ways: [by: 'auto' | 'rest' | 'bulk', count: unknown, way: 'rest' | 'bulk'][] = [
    ['auto', 49_999, 'rest'],
    ['auto', 50_000, 'bulk'],
    ['auto', new ServiceError('too slow', { serviceCode: 'QUERY_TIMEOUT' }), 'bulk'],
    ['rest', 50_000, 'rest'],
    ['bulk', 1, 'bulk'],
  ];
  for (const [by, count, way] of ways) {
    it(`reads by ${way}, when it is to be ${by}, and the count is ${String(count)}`, async () => {
      const org = orgOf(count);
      const source = await open(org, { by });
      const page = firstValueFrom(source.page(undefined)).catch((error: unknown) => error);
      expect(await page).to.have.property(way === 'rest' ? 'rows' : 'code');
      expect(org.calls.some((call) => call.includes('/jobs/query'))).to.equal(way === 'bulk');
    });
  }

  it('does not count for a job, which takes as long as it takes', async () => {
    const org = orgOf(1);
    expect((await open(org, { by: 'bulk' })).count).to.equal(undefined);
    expect(org.calls).to.deep.equal(['GET /sobjects/Account/describe']);
  });

  it('errors, when the records cannot be counted', async () => {
    const error = new ServiceError('no', { serviceCode: 'INSUFFICIENT_ACCESS' });
    expect(await open(orgOf(error)).catch((thrown: unknown) => thrown)).to.equal(error);
  });

  it('goes on, when the org sends fewer records than a page has, and is not done', async () => {
    const answers = [
      { done: false, records: [recordOf(1), recordOf(2)], nextRecordsUrl: '/services/data/v64.0/query/01g-2' },
      { done: true, records: [recordOf(3)] },
    ];
    const org = fakeOrg((path) => (path.includes('COUNT()') ? { totalSize: 3 } : answers.shift()));
    const source = await open(org);
    const first = await firstValueFrom(source.page(undefined));
    expect(first.isLast).to.equal(false);
    const second = await firstValueFrom(source.page(first.cursor));
    expect(second.isLast).to.equal(true);
    expect([...first.rows, ...second.rows].map(({ recordId }) => recordId)).to.deep.equal([1, 2, 3].map(idOf));
    expect(org.calls.at(-1)).to.include(`WHERE Id > '${idOf(2)}'`);
  });

  it('has one page more, when the last one is full', async () => {
    const full = Array.from({ length: 200 }, (_, index) => recordOf(index));
    const answers = [
      { done: true, records: full },
      { done: true, records: [] },
    ];
    const source = await open(
      fakeOrg((path) => (path.includes('COUNT()') ? {} : answers.shift())),
      { pageSize: 200, by: 'rest' },
    );
    expect(source.count).to.equal(undefined);
    const first = await firstValueFrom(source.page(undefined));
    expect(first.isLast).to.equal(false);
    const last = await firstValueFrom(source.page(first.cursor));
    expect(last).to.deep.equal({ rows: [], isLast: true, cursor: first.cursor });
  });

  it('errors, when the org goes on at the same record for ever', async () => {
    const org = fakeOrg((path) => (path.includes('COUNT()') ? {} : { done: false, records: [recordOf(1)] }));
    const source = await open(org, { by: 'rest' });
    const { cursor } = await firstValueFrom(source.page(undefined));
    const error = await firstValueFrom(source.page(cursor)).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('code', 'protocol');
  });
});

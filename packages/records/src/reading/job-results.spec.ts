import { expect } from 'chai';
import { eventSchema, parseSchema, schemaIdOf } from '@rxforce/core/codec';
import { objectDescription } from '../form/object-description.js';
import { recordForm } from '../form/record-form.js';
import { JobResults } from './job-results.js';

const json = JSON.stringify({
  type: 'record',
  name: 'AChangeEvent',
  fields: [{ name: 'Name', type: ['null', 'string'] }],
});
const { fields } = eventSchema(json, schemaIdOf(parseSchema(json)));
const columns = [
  ['Id', 'id'],
  ['SystemModstamp', 'datetime'],
  ['Name', 'string'],
];
const description = objectDescription({ name: 'A', fields: columns.map(([name, type]) => ({ name, type })) });
const form = recordForm<{ Name: string | null }>(fields, description);

const HEAD = '"Id","SystemModstamp","Name"';
const line = (number: number, name = `n${number}`) => `"00${number}","2026-11-28T16:37:05.000Z","${name}"`;
const results = (text: string, headers: Record<string, string> = {}) =>
  new JobResults(Buffer.from(text), new Headers(headers), form);
const table = (...lines: readonly string[]) => [HEAD, ...lines, ''].join('\n');
const namesOf = (rows: readonly { record: { Name?: string | null } }[]) => rows.map(({ record }) => record.Name);

describe('JobResults', () => {
  it('gives the records as they are asked for, and knows whether there are more', async () => {
    const some = results(table(line(1), line(2), line(3)));
    expect(namesOf(await some.take(2))).to.deep.equal(['n1', 'n2']);
    expect(await some.isOver()).to.equal(false);
    expect(namesOf(await some.take(2))).to.deep.equal(['n3']);
    expect(await some.isOver()).to.equal(true);
    expect(await some.take(2)).to.deep.equal([]);
    expect(some.read).to.equal(3);
  });

  it('goes on after the records that were read before', async () => {
    const some = results(table(line(1), line(2), line(3)));
    await some.skip(2);
    expect(namesOf(await some.take(5))).to.deep.equal(['n3']);
    const all = results(table(line(1)));
    await all.skip(5);
    expect(await all.isOver()).to.equal(true);
  });

  it('reads what is quoted, over several lines and slices', async () => {
    const long = 'x,"" \n'.repeat(50_000);
    const [row, last] = await results(`\uFEFF${table(line(1, long), line(2, ''))}`).take(5);
    expect(row!.record.Name).to.equal(long.replaceAll('""', '"'));
    expect(last!.record.Name).to.equal(null);
  });

  for (const [what, text] of [
    ['a head alone', `${HEAD}\n`],
    ['nothing', ''],
  ] as const) {
    it(`has no records, when there is ${what}`, async () => {
      expect(await results(text, { 'sforce-numberofrecords': '0' }).take(5)).to.deep.equal([]);
    });
  }

  it('has the place of the next piece, unless it is the last', () => {
    expect(results('', { 'sforce-locator': 'MjAw' }).next).to.equal('MjAw');
    for (const last of ['null', '']) expect(results('', { 'sforce-locator': last }).next).to.equal(undefined);
    expect(results('').next).to.equal(undefined);
  });

  it('errors, when records are missing, and may be asked for again', async () => {
    const short = results(table(line(1)), { 'sforce-numberofrecords': '2' });
    const error = await short.take(5).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'connection', retriable: true });
  });

  for (const [what, text] of [
    ['a row that is too long', table(line(1), `${line(2)},"secret"`)],
    ['a quote that does not end', `${table(line(1))}"secret`],
    ['no ids', '"Name"\n"secret"\n'],
  ] as const) {
    it(`errors without the values, when there is ${what}`, async () => {
      const error = await results(text)
        .take(5)
        .catch((thrown: unknown) => thrown);
      expect(error).to.have.property('code', 'protocol');
      expect(JSON.stringify(error)).to.not.include('secret');
    });
  }
});

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { columnsOf, mirrorFields } from './mirror-columns.js';

const record = (name: string, ...fields: object[]) => ({ type: 'record', name, fields });
const nullable = (name: string, type: unknown, doc?: string) => ({ name, type: ['null', type], doc });
const place = record('Location', nullable('Latitude', 'double'), nullable('Longitude', 'double'));

const schema = (...fields: object[]) => JSON.stringify(record('AccountChangeEvent', ...fields));

describe('The columns for a schema', () => {
  it('have a kind for each type, and times by the data type of Salesforce', () => {
    const json = schema(
      { name: 'ChangeEventHeader', type: record('ChangeEventHeader') },
      nullable('A', 'string', 'Data:Text'),
      nullable('B', 'double', 'Data:Currency'),
      nullable('C', 'int', 'Data:Integer'),
      nullable('D', 'long', 'Data:Integer'),
      nullable('E', 'long', 'CreatedDate:DateTime'),
      nullable('F', 'long', 'Data:DateOnly:00N000000000001'),
      nullable('G', 'long', 'Data:TimeOnly'),
      nullable('H', 'boolean', 'Data:Boolean'),
      nullable('I', { type: 'array', items: 'string' }),
      nullable('J', { type: 'enum', name: 'Kind', symbols: ['x'] }),
      nullable('K', 'bytes'),
      { name: 'L', type: ['null', 'string', 'double'] },
    );
    expect(columnsOf(mirrorFields(json)).map(({ column, kind }) => `${column} ${kind}`)).to.deep.equal([
      'a text',
      'b real',
      'c integer',
      'd integer',
      'e timestamp',
      'f date',
      'g time',
      'h boolean',
      'i json',
      'j text',
      'k bytes',
      'l text',
    ]);
  });

  it('have the parts of compounds, also of a type that is only named', () => {
    const json = schema(nullable('Home__c', place), nullable('Work__c', 'Location'), {
      name: 'Name',
      type: ['null', 'string', record('Switchable_PersonName', nullable('LastName', 'string'))],
    });
    expect(columnsOf(mirrorFields(json)).map(({ column }) => column)).to.deep.equal([
      'home__latitude__s',
      'home__longitude__s',
      'work__latitude__s',
      'work__longitude__s',
      'name',
      'last_name',
    ]);
  });

  it('are none of those that rxforce needs itself', () => {
    for (const name of ['Id', 'RxState']) {
      expect(() => mirrorFields(schema(nullable(name, 'string')))).to.throw('nameOf');
    }
  });

  it('are refused, when the schema is no record', () => {
    expect(() => mirrorFields('"string"')).to.throw('not an Avro record');
  });

  it('can be had for recorded schemas, each column once', function () {
    const folder = new URL('../../../../../shared/data/schemas/', import.meta.url);
    let json: string;
    try {
      json = readFileSync(new URL('AccountChangeEvent.2026-01.avsc', folder), 'utf8');
    } catch {
      this.skip();
    }
    const columns = columnsOf(mirrorFields(json)).map(({ column }) => column);
    expect(new Set(columns).size).to.equal(columns.length);
    expect(columns).to.include.members(['billing_city', 'annual_revenue', 'person_mailing_street', 'amount_owed__c']);
  });
});

import { expect } from 'chai';
import { eventSchema } from './event-schema.js';
import { parseSchema, schemaIdOf } from './avro.js';

const nullable = (...types: unknown[]) => ['null', ...types];
const record = (name: string, children: readonly string[]) => ({
  type: 'record',
  name,
  fields: children.map((child) => ({ name: child, type: nullable(child === 'Latitude' ? 'double' : 'string') })),
});

const json = JSON.stringify({
  type: 'record',
  name: 'AccountChangeEvent',
  fields: [
    { name: 'Name', type: nullable('string', record('Switchable_PersonName', ['FirstName', 'LastName'])) },
    { name: 'AnnualRevenue', type: nullable('double') },
    { name: 'CreatedDate', type: nullable('long') },
    { name: 'Employees', type: nullable('int') },
    { name: 'IsActive__c', type: nullable('boolean') },
    { name: 'BillingAddress', type: nullable(record('Address', ['Street', 'City', 'Latitude'])) },
    { name: 'ShippingAddress', type: nullable('Address') },
    { name: 'Home__c', type: nullable(record('Location', ['Latitude'])) },
    { name: 'Tags', type: nullable({ type: 'array', items: 'string' }) },
    { name: 'Kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
    { name: 'Blob', type: 'bytes' },
    { name: 'Hash', type: { type: 'fixed', name: 'Hash', size: 4 } },
  ],
});

describe('SchemaFields', () => {
  const { fields } = eventSchema(json, schemaIdOf(parseSchema(json)));

  it('knows what kinds of values a field has, and the child of a compound', () => {
    const kinds: Record<string, readonly string[] | undefined> = {
      Name: ['text', 'compound'],
      'Name.FirstName': ['text'],
      AnnualRevenue: ['number'],
      CreatedDate: ['number'],
      Employees: ['number'],
      IsActive__c: ['boolean'],
      BillingAddress: ['compound'],
      'BillingAddress.City': ['text'],
      'ShippingAddress.Latitude': ['number'],
      Tags: ['list'],
      Kind: ['text'],
      Blob: ['bytes'],
      Hash: ['bytes'],
      AnnualRevenu: undefined,
      'BillingAddress.Town': undefined,
      'AnnualRevenue.City': undefined,
      constructor: undefined,
    };
    for (const [path, expected] of Object.entries(kinds)) expect(fields.kindsOf(path), path).to.deep.equal(expected);
  });

  it('lists the fields in the order of the schema, each before its children', () => {
    expect(fields.paths().slice(0, 4)).to.deep.equal(['Name', 'Name.FirstName', 'Name.LastName', 'AnnualRevenue']);
    expect(fields.paths().slice(-6)).to.deep.equal(['Home__c', 'Home__c.Latitude', 'Tags', 'Kind', 'Blob', 'Hash']);
  });

  const closest: [string, string | undefined][] = [
    ['AnnualRevenu', 'AnnualRevenue'],
    ['annual_revenue', 'AnnualRevenue'],
    ['Nmae', 'Name'],
    ['IsActive', 'IsActive__c'],
    ['BillingCity', 'BillingAddress.City'],
    ['BilingCity', 'BillingAddress.City'],
    ['BillingAddress.Ctiy', 'BillingAddress.City'],
    ['ShippingStreet', 'ShippingAddress.Street'],
    ['Home__Latitude__s', 'Home__c.Latitude'],
    ['FirstName', 'Name.FirstName'],
    ['City', 'BillingAddress.City'],
    ['NumberOfWindows', undefined],
    ['', undefined],
  ];
  for (const [path, expected] of closest) {
    it(`takes "${path}" to mean ${expected ?? 'nothing'}`, () => expect(fields.closestTo(path)).to.equal(expected));
  }
});

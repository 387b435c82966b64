import { expect } from 'chai';
import { wrongNames } from './schema-names.js';

const address = {
  type: 'record',
  name: 'Address',
  namespace: 'com.sforce.eventbus',
  fields: [{ name: 'City', type: 'string' }],
};
const schema = JSON.stringify({
  ...{ type: 'record', name: 'AccountChangeEvent' },
  fields: [
    { name: 'ChangeEventHeader', type: { type: 'record', name: 'ChangeEventHeader', fields: [] } },
    {
      name: 'Name',
      type: ['null', 'string', { type: 'record', name: 'PersonName', fields: [{ name: 'LastName', type: 'string' }] }],
    },
    { name: 'BillingAddress', type: ['null', address] },
    { name: 'ShippingAddress', type: ['null', 'com.sforce.eventbus.Address'] },
  ],
});
const wrong = (fields: string[] | undefined, ...paths: string[]) =>
  wrongNames(schema, {
    fields,
    where: Object.fromEntries(paths.map((path) => [path, { equals: 'a' }])),
    partitionBy: undefined,
  });

describe('wrongNames', () => {
  it('has nothing against names that the schema has', () => {
    expect(wrong(['Name', 'BillingAddress'], 'ShippingAddress.City', 'Name.LastName', 'Name')).to.deep.equal([]);
    expect(wrong(undefined)).to.deep.equal([]);
  });

  it('says what is no field, and what may be meant', () => {
    expect(wrong(['Naem', 'BillingAddress.City', 'BillingAddress'], 'BillingAddress.Cty', 'Nmae')).to.deep.equal([
      'fields names Naem, which is no field of AccountChangeEvent. Did you mean Name?',
      'fields names BillingAddress.City, which is no field of AccountChangeEvent. Name BillingAddress, which comes whole.',
      'where names BillingAddress.Cty, which is no field of AccountChangeEvent. Did you mean BillingAddress.City?',
      'where names Nmae, which is no field of AccountChangeEvent. Did you mean Name?',
    ]);
    expect(wrong(['LastName'], 'City')).to.deep.equal([
      'fields names LastName, which is no field of AccountChangeEvent. Name Name, which has it.',
      'where names City, which is no field of AccountChangeEvent. Did you mean BillingAddress.City?',
    ]);
    expect(wrong(['ChangeEventHeader'])).to.have.length(1);
  });

  it('looks at what orders platform events, too', () => {
    const event = { fields: undefined, where: undefined, partitionBy: 'Order' };
    const json = JSON.stringify({ name: 'Order__e', fields: [{ name: 'Order__c', type: 'string' }] });
    expect(wrongNames(json, event)[0]).to.include('partition_by names Order, which is no field of Order__e.');
    expect(wrongNames(json, { ...event, partitionBy: 'Order__c' })).to.deep.equal([]);
  });
});

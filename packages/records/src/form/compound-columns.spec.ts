import { expect } from 'chai';
import { columnOfPart } from './compound-columns.js';

describe('columnOfPart', () => {
  const cases: [compound: string, part: string, column: string][] = [
    ['BillingAddress', 'City', 'BillingCity'],
    ['PersonMailingAddress', 'PostalCode', 'PersonMailingPostalCode'],
    ['Address', 'Street', 'Street'],
    ['Name', 'FirstName', 'FirstName'],
    ['Home__c', 'Latitude', 'Home__Latitude__s'],
    ['Home_Address__c', 'StateCode', 'Home_Address__StateCode__s'],
    ['ns__Home__c', 'Longitude', 'ns__Home__Longitude__s'],
    ['Home__pc', 'Latitude', 'Home__Latitude__ps'],
  ];
  const fields = cases.flatMap(([compoundFieldName, , name]) => [
    { name, type: 'string', compoundFieldName },
    { name: compoundFieldName, type: 'address', compoundFieldName: undefined },
  ]);
  for (const [compound, part, column] of cases) {
    it(`finds ${column} for ${compound}.${part}`, () => {
      expect(columnOfPart(compound, part, fields)?.name).to.equal(column);
    });
  }

  it('finds none, when the object has no such part, or it is that of another compound', () => {
    expect(columnOfPart('BillingAddress', 'Xyz', fields)).to.equal(undefined);
    expect(columnOfPart('ShippingAddress', 'City', fields)).to.equal(undefined);
    const only = [{ name: 'BillingCity', type: 'string', compoundFieldName: 'ShippingAddress' }];
    expect(columnOfPart('BillingAddress', 'City', only)).to.equal(undefined);
  });

  it('does not take a state for its code', () => {
    const state = ['BillingStateCode', 'BillingState'].map((name) => ({
      name,
      type: 'string',
      compoundFieldName: 'BillingAddress',
    }));
    expect(columnOfPart('BillingAddress', 'State', state)?.name).to.equal('BillingState');
    expect(columnOfPart('BillingAddress', 'StateCode', state)?.name).to.equal('BillingStateCode');
  });
});

import { expect } from 'chai';
import { columnOf, tableOf } from './column-names.js';

describe('The column of a field', () => {
  for (const [path, column] of Object.entries({
    Name: 'name',
    AnnualRevenue: 'annual_revenue',
    NumberOfEmployees: 'number_of_employees',
    LastCURequestDate: 'last_cu_request_date',
    Pricebook2Id: 'pricebook2_id',
    'BillingAddress.City': 'billing_city',
    'BillingAddress.PostalCode': 'billing_postal_code',
    'Address.GeocodeAccuracy': 'geocode_accuracy',
    'Name.FirstName': 'first_name',
    Level__c: 'level__c',
    GUID__pc: 'guid__pc',
    Amount_Owed__c: 'amount_owed__c',
    AmountOwed__c: 'amountowed__c',
    ns__Level__c: 'ns__level__c',
    'LocalDegrees__c.Latitude': 'localdegrees__latitude__s',
    Order: 'order',
  })) {
    it(`is ${column}, when the field is ${path}`, () => {
      expect(columnOf(path)).to.equal(column);
    });
  }

  it('is another one for each field, when names are longer than PostgreSQL keeps', () => {
    const long = `ns__${'x'.repeat(45)}__c`;
    const columns = ['Latitude', 'Longitude', 'StateCode', 'StateName'].map((child) => columnOf(`${long}x.${child}`));
    columns.push(columnOf('y'.repeat(70)), columnOf('y'.repeat(71)));
    expect(new Set(columns).size).to.equal(columns.length);
    columns.forEach((column) => expect(Buffer.byteLength(column)).to.be.at.most(63));
    expect(columnOf('y'.repeat(63))).to.equal('y'.repeat(63));
  });
});

describe('The table of an object', () => {
  it('has its name in snake case', () => {
    const tables = ['Account', 'OpportunityLineItem', 'Employee__c', 'ns__OrderItem__c'].map(tableOf);
    expect(tables).to.deep.equal(['account', 'opportunity_line_item', 'employee__c', 'ns__orderitem__c']);
  });
});

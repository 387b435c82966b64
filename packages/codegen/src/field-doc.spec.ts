import { expect } from 'chai';
import { fieldDocInWords, isPickList, isTime, parseFieldDoc } from './field-doc.js';

describe('parseFieldDoc', () => {
  it('takes role, data type and field id apart', () => {
    expect(parseFieldDoc('Data:Text:00NDp000009Rr9r')).to.deep.equal({
      role: 'Data',
      dataType: 'Text',
      fieldId: '00NDp000009Rr9r',
    });
    expect(parseFieldDoc('ForeignKey:EntityId')).to.deep.equal({
      role: 'ForeignKey',
      dataType: 'EntityId',
      fieldId: undefined,
    });
  });

  for (const other of ['', 'Text', 'The number of the order', 'Data:', ':Text', 'a:b:c:d', 'Data:Text: 00N']) {
    it(`knows nothing of ${JSON.stringify(other)}`, () => {
      expect(parseFieldDoc(other)).to.equal(undefined);
    });
  }
});

describe('fieldDocInWords', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['Data:Text', 'Text.'],
    ['Data:Text:00NDp000009Rr9r', 'Text. Custom field 00NDp000009Rr9r.'],
    ['Data:DynamicEnum', 'Pick list.'],
    ['CreatedDate:DateTime', 'Date and time, in milliseconds since 1970.'],
    ['ForeignKey:EntityId', 'Id of another record.'],
    ['CreatedBy:EntityId', 'Id of the user who created it.'],
    ['ExternalForeignKey:ExternalId', 'Id of something outside the org.'],
    ['Data:Switchable_PersonName', 'Name: a text, or of a person its parts.'],
  ];
  for (const [doc, words] of cases) {
    it(`is "${words}" for ${doc}`, () => {
      expect(fieldDocInWords(doc)).to.equal(words);
    });
  }

  it('names a role and a type that it does not know as they are', () => {
    expect(fieldDocInWords('Data:Novelty')).to.equal('Data, Novelty.');
    expect(fieldDocInWords('Novelty:EntityId:00N1')).to.equal('Novelty, EntityId. Custom field 00N1.');
  });

  it('keeps a text that is no such doc', () => {
    expect(fieldDocInWords('The number of the order')).to.equal('The number of the order');
  });
});

describe('isTime and isPickList', () => {
  it('go by the data type', () => {
    expect(['Data:DateOnly', 'CreatedDate:DateTime', 'Data:TimeOnly:00N1', 'Data:Birthday'].every(isTime)).to.equal(
      true,
    );
    expect(['Data:StaticEnum', 'Data:DynamicEnum:00N1', 'Data:MultiEnum'].every(isPickList)).to.equal(true);
    expect(['Data:Text', 'DateTime', '', undefined].some((doc) => isTime(doc) || isPickList(doc))).to.equal(false);
  });
});

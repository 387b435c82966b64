import { expect } from 'chai';
import { FIELDS, fieldsOf, type EventFields } from './event-fields.js';

describe('fieldsOf', () => {
  const fields = {} as EventFields;
  const event = { id: '1', [FIELDS]: fields };

  it('gives what an event, or a copy of one, carries', () => {
    expect(fieldsOf(event)).to.equal(fields);
    expect(fieldsOf({ ...event, id: '2' })).to.equal(fields);
  });

  it('gives nothing for other values', () => {
    const others = [{ id: '1' }, undefined, null, 1, 'x', Object.fromEntries(Object.entries(event))];
    expect(others.map(fieldsOf)).to.deep.equal(others.map(() => undefined));
  });
});

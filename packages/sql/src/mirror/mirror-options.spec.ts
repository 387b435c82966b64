import { expect } from 'chai';
import { EMPTY } from 'rxjs';
import { resolveMirrorOptions, type SqlMirrorOptions } from './mirror-options.js';

const given = { database: ':memory:', entity: 'MyThing__c', client: { schema: () => EMPTY } };
const tableOf = (more: Partial<SqlMirrorOptions>) => resolveMirrorOptions({ ...given, ...more }).name.sql;

describe('The table of a mirror', () => {
  it('is the name of the object in snake case, also in a schema', () => {
    expect(tableOf({})).to.equal('"mything__c"');
    expect(tableOf({ schema: 'crm' })).to.equal('"crm"."mything__c"');
  });

  it('is the one that is given, in the schema of its name or of the option', () => {
    expect(tableOf({ table: 'crm.things' })).to.equal('"crm"."things"');
    expect(tableOf({ table: 'things', schema: 'crm' })).to.equal('"crm"."things"');
  });

  it('is refused, when it has two schemas', () => {
    expect(() => tableOf({ table: 'crm.things', schema: 'other' })).to.throw('must be the name of a table');
  });
});

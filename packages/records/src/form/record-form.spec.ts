import { expect } from 'chai';
import { eventSchema } from '@rxforce/core/codec';
import {
  hasRecordedData,
  recordedEvents,
  recordedSchema,
  RECORDED_SCHEMAS,
} from '../../../core/test/support/recorded.js';
import { objectDescription } from './object-description.js';
import { BY_NAME, byPlace, recordForm } from './record-form.js';

const ADDRESS = ['Street', 'City', 'Latitude', 'Xyz'];
const ID = '001000000000001AAA';
const STAMP = '2026-11-28T16:37:05.000+0000';

/** The fields of a schema, by their kinds. */
const schema = (kinds: Record<string, readonly ('text' | 'number' | 'boolean' | 'compound' | 'bytes')[]>) => ({
  paths: () => Object.keys(kinds),
  kindsOf: (path: string) => kinds[path],
});

/** An object of columns: `[name, type, compound]`. */
const described = (...columns: readonly (readonly [name: string, type: string, compound?: string])[]) =>
  objectDescription({
    name: 'Account',
    queryable: true,
    fields: [['Id', 'id'] as const, ['SystemModstamp', 'datetime'] as const, ...columns].map(
      ([name, type, compound]) => ({
        name,
        type,
        compoundFieldName: compound ?? null,
      }),
    ),
  });

const row = (values: object) => ({ attributes: { type: 'Account' }, Id: ID, SystemModstamp: STAMP, ...values });

describe('recordForm', () => {
  it('has the id and the time of the last change beside the record, which does not have them', () => {
    const form = recordForm(schema({ Name: ['text'] }), described(['Name', 'string']));
    expect(form.columns).to.deep.equal(['Id', 'SystemModstamp', 'Name']);
    const expected = { recordId: ID, modifiedAt: Date.parse('2026-11-28T16:37:05Z'), record: { Name: 'Acme' } };
    expect(form.reader(BY_NAME)(row({ Name: 'Acme' }))).to.deep.equal(expected);
  });

  it('has the time in the record, too, when events have it', () => {
    const form = recordForm(schema({ SystemModstamp: ['number'] }), described());
    expect(form.columns).to.deep.equal(['Id', 'SystemModstamp']);
    expect(form.reader(BY_NAME)(row({})).record).to.deep.equal({ SystemModstamp: Date.parse('2026-11-28T16:37:05Z') });
  });

  it('takes the next best time, when an object has no SystemModstamp', () => {
    const fields = [
      { name: 'CreatedDate', type: 'datetime' },
      { name: 'Name', type: 'string' },
    ];
    const bare = objectDescription({ name: 'Account', queryable: true, fields });
    const form = recordForm(schema({ Name: ['text'] }), bare);
    expect(form.columns).to.deep.equal(['Id', 'CreatedDate', 'Name']);
    expect(() => recordForm(schema({}), objectDescription({ name: 'Account', fields: [] }))).to.throw('SystemModstamp');
  });

  it('makes a compound of its columns, with all parts, or null where all are empty', () => {
    const parts = Object.fromEntries(
      ADDRESS.map((part) => [`BillingAddress.${part}`, [part === 'Latitude' ? 'number' : 'text'] as const]),
    );
    const form = recordForm<{ BillingAddress: unknown }>(
      schema({ BillingAddress: ['compound'], ...parts }),
      described(
        ['BillingStreet', 'textarea', 'BillingAddress'],
        ['BillingCity', 'string', 'BillingAddress'],
        ['BillingLatitude', 'double', 'BillingAddress'],
        ['BillingAddress', 'address'],
        ['ShippingCity', 'string', 'ShippingAddress'],
      ),
    );
    expect(form.columns.slice(2)).to.deep.equal(['BillingStreet', 'BillingCity', 'BillingLatitude']);
    const read = form.reader(BY_NAME);
    const empty = { BillingStreet: null, BillingCity: null, BillingLatitude: null };
    expect(read(row(empty)).record.BillingAddress).to.equal(null);
    const zero = read(row({ ...empty, BillingLatitude: 0 })).record.BillingAddress;
    expect(zero).to.deep.equal({ Street: null, City: null, Latitude: 0, Xyz: null });
    expect(Object.keys(zero as object)).to.deep.equal(ADDRESS);
    // Each row has an object of its own.
    expect(read(row({ ...empty, BillingCity: 'Rome' })).record.BillingAddress).to.include({
      City: 'Rome',
      Latitude: null,
    });
  });

  const names = {
    Name: ['text', 'compound'],
    'Name.FirstName': ['text'],
    'Name.LastName': ['text'],
    PersonDoNotCall: ['boolean'],
    Vip__pc: ['boolean'],
    Ok__c: ['boolean'],
  } as const;
  const columns = [
    ['Name', 'string'],
    ['FirstName', 'string', 'Name'],
    ['LastName', 'string', 'Name'],
    ['PersonDoNotCall', 'boolean'],
    ['Vip__pc', 'boolean'],
    ['Ok__c', 'boolean'],
  ] as const;
  const nobody = { FirstName: null, LastName: null, PersonDoNotCall: false, Vip__pc: false, Ok__c: false };

  for (const [how, more] of [
    ['by a name', []],
    ['by IsPersonAccount', [['IsPersonAccount', 'boolean'] as const]],
  ] as const) {
    it(`tells a person from a company ${how}: its name has parts, and it has the checkboxes of persons`, () => {
      const form = recordForm(schema(names), described(...columns, ...more));
      const read = form.reader(BY_NAME);
      const company = row({ ...nobody, Name: 'Acme', IsPersonAccount: false });
      expect(read(company).record).to.deep.equal({ Name: 'Acme', PersonDoNotCall: null, Vip__pc: null, Ok__c: false });
      const person = row({ ...nobody, Name: 'Ada L', FirstName: 'Ada', LastName: 'L', IsPersonAccount: true });
      const name = { FirstName: 'Ada', LastName: 'L' };
      expect(read(person).record).to.deep.equal({ Name: name, PersonDoNotCall: false, Vip__pc: false, Ok__c: false });
    });

    it(`tells a person from a company ${how}, when the name is not wanted`, () => {
      const form = recordForm(schema(names), described(...columns, ...more), ['PersonDoNotCall']);
      const read = form.reader(BY_NAME);
      expect(read(row({ ...nobody, IsPersonAccount: false })).record).to.deep.equal({ PersonDoNotCall: null });
      const person = row({ ...nobody, LastName: 'L', IsPersonAccount: true });
      expect(read(person).record).to.deep.equal({ PersonDoNotCall: false });
    });
  }

  it('takes the text of a name, when an org has no accounts of persons', () => {
    const form = recordForm(schema(names), described(['Name', 'string']));
    expect(form.reader(BY_NAME)(row({ Name: 'Acme' })).record).to.deep.equal({ Name: 'Acme' });
    expect(form.missing).to.deep.equal(['PersonDoNotCall', 'Vip__pc', 'Ok__c']);
  });

  it('leaves out what the object does not have, and what has no form', () => {
    const kinds = {
      Gone: ['text'],
      Photo: ['bytes'],
      Where: ['compound'],
      'Where.City': ['text'],
      Name: ['text'],
    } as const;
    const form = recordForm(schema(kinds), described(['Photo', 'base64'], ['Name', 'string']));
    expect(form.missing).to.deep.equal(['Gone', 'Photo', 'Where']);
    expect(form.fields).to.deep.equal(['Name']);
  });

  it('takes no name that cannot be one, from a schema or from the org', () => {
    const kinds = { ['__proto__']: ['text'], 'Name FROM User': ['text'], Name: ['text'] } as never;
    const form = recordForm(
      schema(kinds),
      described(['__proto__', 'string'], ['Name FROM User', 'string'], ['Name', 'string']),
    );
    expect(form.columns).to.deep.equal(['Id', 'SystemModstamp', 'Name']);
  });

  it('reads a table by its first row, in whatever order and case its columns are', () => {
    const form = recordForm(
      schema({ Name: ['text'], Age__c: ['number'], New__c: ['text'] }),
      described(['Name', 'string'], ['Age__c', 'double'], ['New__c', 'string']),
    );
    const read = form.reader(byPlace(['AGE__C', 'SystemModstamp', 'Name', 'ID']));
    // A job that was started before a field was added does not have it.
    expect(read(['42', STAMP, '', ID] as never)).to.deep.include({ recordId: ID, record: { Name: null, Age__c: 42 } });
    expect(() => form.reader(byPlace(['Name'])))
      .to.throw('without Id')
      .with.property('code', 'protocol');
  });

  it('errors, when a record has no id', () => {
    const form = recordForm(schema({ Name: ['text'] }), described(['Name', 'string']));
    expect(() => form.reader(BY_NAME)(row({ Id: null }))).to.throw('without an Id');
  });

  describe('with recorded schemas and events', () => {
    before(function () {
      if (!hasRecordedData) this.skip();
    });

    /** The columns of the REST API for each field of a schema, as an org describes them. */
    function restOf(paths: readonly string[]): [string, string, string?][] {
      return paths.flatMap((path): [string, string, string?][] => {
        const [name = '', part] = path.split('.');
        if (part === undefined) return [[name, typeOf(name)]];
        if (['Xyz', 'XyzEncoded', 'MiddleName', 'InformalName', 'Suffix'].includes(part)) return [];
        if (name === 'Name') return [[part, 'string', name]];
        const column = name.endsWith('__c') ? name.replace(/__c$/, `__${part}__s`) : name.replace(/Address$/, part);
        return [[column, part.endsWith('tude') ? 'double' : 'string', name]];
      });
    }
    const typeOf = (name: string) => (/Date(__c)?$/.test(name) ? 'datetime' : 'string');

    for (const [name, id] of RECORDED_SCHEMAS.filter(([each]) => each.includes('ChangeEvent'))) {
      it(`finds the columns of all fields of ${name}`, () => {
        const { fields } = eventSchema(recordedSchema(name), id, 'trust');
        const form = recordForm(fields, described(...restOf(fields.paths())));
        expect(form.missing).to.deep.equal([]);
        expect(form.fields).to.deep.equal(fields.paths().filter((path) => !path.includes('.')));
      });
    }

    it('makes the recorded CREATE events of what the REST API says of such records', () => {
      const [name, id] = RECORDED_SCHEMAS[0];
      const { fields } = eventSchema(recordedSchema(name), id, 'trust');
      const form = recordForm(fields, described(...restOf(fields.paths())));
      const creates = recordedEvents().filter(({ decoded }) => decoded.ChangeEventHeader.changeType === 'CREATE');
      expect(creates).to.have.length(3);
      for (const { decoded } of creates) {
        const data = Object.fromEntries(Object.entries(decoded).filter(([name]) => name !== 'ChangeEventHeader'));
        expect(form.reader(BY_NAME)(row(flat(data))).record).to.deep.equal(data);
      }
    });

    /**
     * A record as the REST API has it: its own columns for parts, times as texts, and false where nothing is checked.
     */
    function flat(data: Record<string, unknown>): Record<string, unknown> {
      const cells: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(data)) {
        if (typeof value === 'object' && value !== null) {
          for (const [part, each] of Object.entries(value)) cells[name.replace(/Address$/, part)] = each;
        } else {
          const isTime = typeof value === 'number' && typeOf(name) === 'datetime';
          cells[name] = isTime ? new Date(value).toISOString().replace('Z', '+0000') : value;
        }
        if (/^Person(HasOpted|DoNot)/.test(name)) cells[name] = false;
      }
      return cells;
    }
  });
});

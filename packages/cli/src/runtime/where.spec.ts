import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import type { SinkEvent } from '../sinks/sink.js';
import { whereOf } from './where.js';
import type { Where, WhereProblem } from './where-problems.js';
import { whereInText } from './where-text.js';

/** Where events have what the client knows of their schema. */
const FIELDS = Symbol.for('@rxforce/core/fields/1');
const none = (problems: readonly WhereProblem[]) => {
  throw new Error(problems.map(({ message }) => message).join(' '));
};
const event = (changeType: string, data: object, changedFields: string[] = []) =>
  ({
    topic: '/data/LeadChangeEvent',
    header: { changeType, changedFields, diffFields: [], nulledFields: [] },
    data,
  }) as unknown as SinkEvent;
const create = (data: object) => event('CREATE', data);
const fits = (where: Parameters<typeof whereOf>[0], given: SinkEvent) => whereOf(where, none)(given);

describe('whereOf', () => {
  const cases: readonly (readonly [Parameters<typeof whereOf>[0], object, boolean])[] = [
    [{ A: { equals: 5 } }, { A: 5 }, true],
    [{ A: { equals: 5 } }, { A: 6 }, false],
    [{ A: { not_equals: 5 } }, { A: 6 }, true],
    [{ A: { greater_than: 5, less_or_equal: 7 } }, { A: 7 }, true],
    [{ A: { greater_than: 5, less_or_equal: 7 } }, { A: 8 }, false],
    [{ A: { in: ['x', 'y'] }, B: { not_in: [1] } }, { A: 'y', B: 2 }, true],
    [{ A: { in: ['x', 'y'] }, B: { not_in: [1] } }, { A: 'y', B: 1 }, false],
    [{ A: { matches: '^a.c$' } }, { A: 'abc' }, true],
    [{ A: { contains: 'b' } }, { A: 'abc' }, true],
    [{ A: { is_null: true } }, { A: null }, true],
    [{ A: { is_null: false } }, { A: null }, false],
  ];
  for (const [where, data, result] of cases) {
    it(`${result ? 'passes' : 'drops'} ${JSON.stringify(data)}, when it asks for ${JSON.stringify(where)}`, () => {
      expect(fits(where, create(data))).to.equal(result);
    });
  }

  it('drops what says nothing of the field: an UPDATE of another one, a DELETE', () => {
    expect(fits({ A: { not_equals: 5 } }, event('UPDATE', { A: null, B: 1 }, ['B']))).to.equal(false);
    expect(fits({ A: { not_equals: 5 } }, event('DELETE', { A: null }))).to.equal(false);
    expect(fits({ A: { changed: true } }, event('UPDATE', { A: 1 }, ['A']))).to.equal(true);
  });

  it('compares all fields of a platform event, which has no header', () => {
    const order = { topic: '/event/Order__e', data: { Total__c: 7, Note__c: null } } as unknown as SinkEvent;
    expect(fits({ Total__c: { greater_than: 5 }, Note__c: { is_null: true } }, order)).to.equal(true);
    expect(fits({ Total__c: { greater_than: 7 } }, order)).to.equal(false);
  });

  it('refuses a comparison that cannot be', () => {
    expect(() => whereOf({ 'A.': { equals: 1 } }, none)).to.throw(ConfigurationError, 'where A. equals');
  });
});

describe('whereOf, with the schema of the events,', () => {
  const schemaJson = JSON.stringify({
    name: 'LeadChangeEvent',
    fields: [
      { name: 'Count', type: ['null', 'int'], doc: 'Data:Integer' },
      { name: 'Big', type: ['null', 'long'], doc: 'Data:Long' },
      { name: 'On', type: ['null', 'boolean'], doc: 'Data:Boolean' },
      { name: 'Name', type: ['null', 'string'], doc: 'Data:Text' },
      { name: 'At', type: ['null', 'long'], doc: 'Data:DateTime' },
      { name: 'Place', type: ['null', { type: 'record', name: 'A', fields: [{ name: 'X', type: 'double' }] }] },
    ],
  });
  const lead = (data: object) => Object.assign(create(data), { [FIELDS]: { schemaJson } });
  const at = Date.UTC(2026, 0, 31, 12);

  const passes: readonly (readonly [Where, object, object])[] = [
    [{ Count: { greater_than: '10' } }, { Count: 11 }, { Count: 9 }],
    [{ Count: { in: ['1', '2'] } }, { Count: 2 }, { Count: 3 }],
    [{ Big: { equals: '9007199254740993' } }, { Big: 9007199254740993n }, { Big: 9007199254740992n }],
    [{ On: { equals: 'true' } }, { On: true }, { On: false }],
    [{ Name: { equals: '10' } }, { Name: '10' }, { Name: '1' }],
    [{ At: { greater_or_equal: '2026-01-31T12:00:00Z' } }, { At: at }, { At: at - 1 }],
    [{ At: { less_than: '2026-01-31T13:00:00+01:00' } }, { At: at - 1 }, { At: at }],
    [{ At: { equals: '2026-01-31' } }, { At: Date.UTC(2026, 0, 31) }, { At: at }],
    [{ At: { less_than: String(at) } }, { At: at - 1 }, { At: at }],
    [{ 'Place.X': { equals: '1.5' } }, { Place: { X: 1.5 } }, { Place: { X: 1 } }],
  ];
  for (const [where, good, bad] of passes) {
    it(`compares as the field is, when it asks for ${JSON.stringify(where)}`, () => {
      const passing = whereOf(where, none);
      for (const make of [lead, create]) {
        expect(passing(make(good))).to.equal(true);
        expect(passing(make(bad))).to.equal(false);
      }
    });
  }

  const refused: readonly (readonly [Where, string])[] = [
    [{ Cuont: { equals: 1 } }, 'where names Cuont, which is no field of LeadChangeEvent. Did you mean Count?'],
    [
      { Count: { greater_than: 'abc' } },
      'where compares Count of LeadChangeEvent with a text, and it is a number, so no event passes. Give a number.',
    ],
    [
      { Count: { greater_than: '2026-01-31' } },
      'where compares Count of LeadChangeEvent with a text, and it is a number, so no event passes. Give a number.',
    ],
    [
      { At: { greater_than: '2026-01-31T12:00:00' } },
      'where compares At of LeadChangeEvent with a text, and it is a date with a time, so no event passes. Give one such as 2026-01-31T12:00:00Z.',
    ],
    [
      { Name: { in: ['a', 5] } },
      'where compares Name of LeadChangeEvent with a number, and it is a text, so no event passes. Put the value between quotes.',
    ],
    [
      { On: { equals: 'yes' } },
      'where compares On of LeadChangeEvent with a text, and it is true or false, so no event passes. Give true or false.',
    ],
    [
      { On: { greater_than: 'true' } },
      'where compares On of LeadChangeEvent by greater_than, which is for numbers and texts, and it is true or false.',
    ],
    [
      { Count: { contains: '1' } },
      'where compares Count of LeadChangeEvent by contains, which is for texts, and it is a number.',
    ],
    [
      { Place: { equals: 'x' } },
      'where compares Place of LeadChangeEvent with a text, and it is a compound, so no event passes. Name a part of it, such as BillingAddress.City.',
    ],
  ];
  for (const [where, message] of refused) {
    it(`tells before the first answer that no event can pass ${JSON.stringify(where)}`, () => {
      expect(() => whereOf(where, none)(lead({}))).to.throw(message);
    });
  }

  it('takes null, is_null and changed for a field of any kind', () => {
    const where: Where = { Count: { not_equals: null }, Place: { is_null: false }, On: { changed: true } };
    expect(whereOf(where, none)(lead({ Count: 1, Place: { X: 1 }, On: true }))).to.equal(true);
  });

  it('drops what cannot pass, and tells it once for a schema, when telling throws nothing', () => {
    const told: string[] = [];
    const passing = whereOf({ Nmae: { equals: 'a' } }, (problems) =>
      told.push(...problems.flatMap(({ path }) => path)),
    );
    expect([passing(lead({ Name: 'a' })), passing(lead({ Name: 'b' }))]).to.deep.equal([false, false]);
    expect(told).to.deep.equal(['Nmae']);
  });
});

describe('whereInText', () => {
  it('reads conditions, with texts in quotes and without', () => {
    expect(whereInText("Amount > 1000 AND StageName = 'Closed Won' and Open = true")).to.deep.equal({
      Amount: { greater_than: 1_000 },
      StageName: { equals: 'Closed Won' },
      Open: { equals: true },
    });
    expect(whereInText("A >= -1.5 AND A < 3 AND Name contains 'O\\'Neil and sons'")).to.deep.equal({
      A: { greater_or_equal: -1.5, less_than: 3 },
      Name: { contains: "O'Neil and sons" },
    });
  });

  for (const text of ['', 'Amount', 'Amount >', 'Amount ~ 5', 'A = 1 AND', "A = 'x", 'A = 1 OR B = 2']) {
    it(`refuses ${JSON.stringify(text)}`, () =>
      expect(() => whereInText(text)).to.throw(ConfigurationError, '--where needs'));
  }
});

import { expect } from 'chai';
import fc from 'fast-check';
import { COMPOUND_FIELD_TYPES, FIELD_TYPES, type FieldType } from './field-types.js';
import { type RestField, restField } from './rest-field.js';
import { RestProblem } from './rest-problem.js';
import { jsonOf, valueOf } from './values.js';

describe('Values of the REST API', () => {
  it('come back as they were sent, whatever they are', () => {
    const day = 86_400_000;
    const values = {
      Text: fc.string({ minLength: 1, maxLength: 255 }),
      Double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0),
      Integer: fc.integer(),
      Boolean: fc.boolean(),
      DateOnly: fc.integer({ min: -20_000, max: 20_000 }).map((days) => days * day),
      DateTime: fc.integer({ min: -20_000 * day, max: 20_000 * day }),
      TimeOnly: fc.integer({ min: 0, max: day - 1 }),
    } as const;
    for (const [type, arbitrary] of Object.entries(values)) {
      const field = fieldOf(FIELD_TYPES[type as keyof typeof values]);
      fc.assert(
        fc.property(arbitrary as fc.Arbitrary<string | number | boolean>, (value) => {
          const sent: unknown = JSON.parse(JSON.stringify(jsonOf(field, value)));
          expect(valueOf(field, sent)).to.equal(value);
        }),
      );
    }
  });

  const taken: readonly (readonly [keyof typeof FIELD_TYPES, unknown, unknown])[] = [
    ['DateTime', '2024-01-01T10:00:00+0100', Date.UTC(2024, 0, 1, 9)],
    ['DateTime', '2024-01-01T10:00Z', Date.UTC(2024, 0, 1, 10)],
    ['TimeOnly', '08:30:00', 30_600_000],
    ['Currency', '12.5', 12.5],
    ['Boolean', 'true', true],
    ['Text', 5, '5'],
    ['Text', '', null],
    ['Double', null, null],
    ['EntityId', '001Hs00000000aB', '001Hs00000000aBIAQ'],
  ];
  for (const [type, sent, value] of taken) {
    it(`are ${JSON.stringify(value)}, when ${JSON.stringify(sent)} is sent for ${type}`, () => {
      expect(valueOf(fieldOf(FIELD_TYPES[type]), sent)).to.equal(value);
    });
  }

  const refused: readonly (readonly [keyof typeof FIELD_TYPES, unknown, string, string])[] = [
    ['DateOnly', '2023-02-29', 'JSON_PARSER_ERROR', 'instance of date from VALUE_STRING value 2023-02-29'],
    ['DateOnly', '2023-02-28T00:00:00Z', 'JSON_PARSER_ERROR', 'instance of date'],
    ['DateTime', '2023-02-28 10:00:00', 'JSON_PARSER_ERROR', 'instance of datetime'],
    ['DateTime', 1_700_000_000_000, 'JSON_PARSER_ERROR', 'from VALUE_NUMBER'],
    ['TimeOnly', '25:00:00', 'JSON_PARSER_ERROR', 'instance of time'],
    ['Integer', 1.5, 'JSON_PARSER_ERROR', 'instance of int'],
    ['Integer', 3_000_000_000, 'JSON_PARSER_ERROR', 'instance of int'],
    ['Double', true, 'JSON_PARSER_ERROR', 'instance of double from VALUE_BOOLEAN'],
    ['Boolean', null, 'JSON_PARSER_ERROR', 'instance of boolean from VALUE_NULL'],
    ['Boolean', 'yes', 'JSON_PARSER_ERROR', 'instance of boolean'],
    ['Text', { a: 1 }, 'JSON_PARSER_ERROR', 'from START_OBJECT value {"a":1}'],
    ['Text', ['a'], 'JSON_PARSER_ERROR', 'from START_ARRAY'],
    ['Email', 'a'.repeat(81), 'STRING_TOO_LONG', '(max length=80)'],
    ['EntityId', '001', 'MALFORMED_ID', 'id value of incorrect type: 001'],
  ];
  for (const [type, sent, errorCode, message] of refused) {
    it(`are refused with ${errorCode}, when ${JSON.stringify(sent)} is sent for ${type}`, () => {
      expect(() => valueOf(fieldOf(FIELD_TYPES[type]), sent))
        .to.throw(RestProblem, message)
        .with.property('errorCode', errorCode);
    });
  }

  it('have all their parts, when they are a compound', () => {
    expect(jsonOf(fieldOf(COMPOUND_FIELD_TYPES.Location), { Latitude: 1.5 })).to.deep.equal({
      latitude: 1.5,
      longitude: null,
    });
    expect(jsonOf(fieldOf(COMPOUND_FIELD_TYPES.Address), { City: 'Oslo' })).to.include({ city: 'Oslo', street: null });
  });

  it('are false or null, when there is none', () => {
    expect(jsonOf(fieldOf(FIELD_TYPES.Boolean), null)).to.be.false;
    expect(jsonOf(fieldOf(COMPOUND_FIELD_TYPES.Address), null)).to.be.null;
  });
});

function fieldOf(type: FieldType): RestField {
  return restField({ name: 'Field', type, place: { type: 'field', field: 'Field' } });
}

import { expect } from 'chai';
import type { FieldKind } from '@rxforce/core/model';
import { valueReader } from './value-readers.js';

const reader = (kind: FieldKind, type: string) =>
  valueReader(kind, { name: 'F', type, compoundFieldName: undefined }, 'Account.F')!;

describe('valueReader', () => {
  const cases: [kind: FieldKind, type: string, value: unknown, expected: unknown][] = [
    ['text', 'string', 'a;b', 'a;b'],
    ['text', 'multipicklist', 'a;b', 'a;b'],
    ['text', 'string', ' ', ' '],
    ['text', 'int', 5, '5'],
    ['boolean', 'boolean', true, true],
    ['boolean', 'boolean', false, false],
    ['boolean', 'boolean', 'true', true],
    ['boolean', 'boolean', 'false', false],
    ['number', 'double', -1.5, -1.5],
    ['number', 'double', '-1.5', -1.5],
    ['number', 'currency', '1.2345E7', 12_345_000],
    ['number', 'int', '0', 0],
    ['number', 'datetime', '2026-11-28T16:37:05.000+0000', 1_795_883_825_000],
    ['number', 'datetime', '2026-11-28T16:37:05.000Z', 1_795_883_825_000],
    ['number', 'datetime', '2026-11-28T17:37:05.000+0100', 1_795_883_825_000],
    ['number', 'datetime', '1700-01-01T00:00:00.000+0000', -8_520_336_000_000],
    ['number', 'date', '2026-11-28', 1_795_824_000_000],
    ['number', 'date', '1961-04-12', -275_270_400_000],
    ['number', 'time', '10:15:00.000Z', 36_900_000],
    ['number', 'time', '23:59:59.999', 86_399_999],
  ];
  for (const [kind, type, value, expected] of cases) {
    it(`reads ${JSON.stringify(value)} of a ${type} as ${JSON.stringify(expected)}, where events have a ${kind}`, () => {
      expect(reader(kind, type)(value)).to.equal(expected);
    });
  }

  for (const [kind, type] of [
    ['text', 'string'],
    ['boolean', 'boolean'],
    ['number', 'double'],
    ['number', 'date'],
  ] as const) {
    it(`reads what is empty as null (${type})`, () => {
      for (const empty of [null, '', undefined]) expect(reader(kind, type)(empty)).to.equal(null);
    });
  }

  const wrong: [kind: FieldKind, type: string, value: unknown][] = [
    ['text', 'string', { a: 'secret' }],
    ['boolean', 'boolean', 'secret'],
    ['boolean', 'boolean', 1],
    ['number', 'double', 'secret'],
    ['number', 'datetime', 'secret'],
    ['number', 'datetime', '2026-13-01T00:00:00.000Z'],
    ['number', 'date', true],
    ['number', 'time', 'secret'],
    ['number', 'double', 'Infinity'],
  ];
  for (const [kind, type, value] of wrong) {
    it(`refuses ${JSON.stringify(value)} as a ${type}, with the field and without the value`, () => {
      expect(() => reader(kind, type)(value))
        .to.throw('Account.F')
        .with.property('code', 'protocol');
      expect(() => reader(kind, type)(value)).to.not.throw('secret');
    });
  }

  it('is none, when events have what no value of the REST API can be', () => {
    for (const kind of ['bytes', 'list', 'compound'] as const) {
      expect(valueReader(kind, { name: 'F', type: 'base64', compoundFieldName: undefined }, 'F')).to.equal(undefined);
    }
  });
});

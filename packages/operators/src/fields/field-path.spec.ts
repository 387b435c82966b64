import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { placeOf, valueAt, type FieldPath } from './field-path.js';

describe('placeOf', () => {
  it('takes the path of a field, and of a child, apart', () => {
    expect(placeOf('Name')).to.deep.equal({ path: 'Name', field: 'Name', child: undefined });
    expect(placeOf('A.B')).to.deep.equal({ path: 'A.B', field: 'A', child: 'B' });
  });

  for (const path of ['', '.', 'A.', '.B', 'A.B.C', 'A..B']) {
    it(`refuses "${path}"`, () =>
      expect(() => placeOf(path)).to.throw(ConfigurationError, `"${path}" is not the path`));
  }
});

describe('valueAt', () => {
  const record = { Name: 'x', Empty: null, Whole: { Part: 1, Gone: null } };
  const cases: [string, unknown][] = [
    ['Name', 'x'],
    ['Empty', null],
    ['Missing', undefined],
    ['Whole', record.Whole],
    ['Whole.Part', 1],
    ['Whole.Gone', null],
    ['Whole.Missing', undefined],
    ['Empty.Part', null],
    ['Missing.Part', undefined],
    ['Name.length', undefined],
    ['constructor', undefined],
    ['Whole.toString', undefined],
  ];
  for (const [path, value] of cases) {
    it(`finds ${String(value)} at ${path}`, () => expect(valueAt(record, placeOf(path))).to.equal(value));
  }
});

describe('FieldPath', () => {
  it('is a field, or a child of a compound, of the record', () => {
    interface Account {
      readonly Name: string | null;
      readonly Employees: number | bigint | null;
      readonly BillingAddress: { readonly City: string | null; readonly Latitude: number } | null;
      readonly Tags: readonly string[];
    }
    const paths: FieldPath<Account>[] = [
      'Name',
      'Employees',
      'BillingAddress',
      'BillingAddress.City',
      'BillingAddress.Latitude',
      'Tags',
    ];
    const wrong: FieldPath<Account>[] = [
      // @ts-expect-error -- there is no such field
      'Nmae',
      // @ts-expect-error -- there is no such child
      'BillingAddress.Town',
      // @ts-expect-error -- a text has no children
      'Name.length',
      // @ts-expect-error -- nor has a list
      'Tags.length',
    ];
    const anything: FieldPath<Record<string, unknown>> = 'Any.Thing';
    expect([...paths, ...wrong, anything]).to.have.length(11);
  });
});

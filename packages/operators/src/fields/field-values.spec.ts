import { expect } from 'chai';
import { areComparable, isFieldValue, isOrdered, sameValue } from './field-values.js';

describe('sameValue', () => {
  const different = [
    null,
    undefined,
    true,
    false,
    0,
    1,
    '',
    '1',
    2n ** 60n,
    {},
    { City: 'x' },
    { City: null },
    { Town: 'x' },
  ];

  it('tells all values apart', () => {
    const same = different.map((one) => different.filter((other) => sameValue(one, other)));
    expect(same).to.deep.equal(different.map((value) => [value]));
  });

  it('takes a number and a bigint for the same, when they are', () => {
    expect(sameValue(5, 5n)).to.equal(true);
    expect(sameValue(5n, 5)).to.equal(true);
    expect(sameValue(5.5, 5n)).to.equal(false);
    expect(sameValue(2 ** 60, 2n ** 60n + 1n)).to.equal(false);
  });

  it('compares compounds by what is in them', () => {
    expect(sameValue({ City: 'x', Zip: null }, { Zip: null, City: 'x' })).to.equal(true);
    expect(sameValue({ City: 'x' }, { City: 'x', Zip: 'y' })).to.equal(false);
    expect(sameValue({ City: 'x', Zip: 'y' }, { City: 'x' })).to.equal(false);
  });
});

describe('areComparable', () => {
  it('is so for numbers of both kinds, and for strings, with each other', () => {
    const values = [1, 2n, 'x', null, true, undefined, {}];
    const pairs = values.flatMap((one) =>
      values.filter((other) => areComparable(one, other)).map((other) => [one, other]),
    );
    expect(pairs).to.deep.equal([
      [1, 1],
      [1, 2n],
      [2n, 1],
      [2n, 2n],
      ['x', 'x'],
    ]);
  });
});

describe('What a field is compared with', () => {
  const values = [null, true, 1, NaN, 1n, 'x', undefined, {}, [], () => 1];

  it('is null, a boolean, a number, a bigint or a string', () => {
    expect(values.filter(isFieldValue)).to.deep.equal([null, true, 1, NaN, 1n, 'x']);
  });

  it('can be put in order, when it is a number, a bigint or a string', () => {
    expect(values.filter(isOrdered)).to.deep.equal([1, 1n, 'x']);
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigurationError } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { fieldTest, type FieldOperator } from './field-operators.js';
import { placeOf } from './field-path.js';

const compare = (operator: FieldOperator, operand: readonly unknown[], value: unknown) =>
  fieldTest(operator, operand)(changeEvent({ data: { Field: value } }), placeOf('Field'));

describe('The operators of fields', () => {
  const comparisons: [FieldOperator, unknown[], unknown[], unknown[]][] = [
    ['equals', ['x'], ['x'], ['y', null, 'X', ['x']]],
    ['equals', [null], [null], ['', 0, false]],
    ['equals', [5n], [5, 5n], ['5', 6, true]],
    ['notEquals', ['x'], ['y', null, 0], ['x']],
    ['notEquals', [5], [6n, '5', null], [5, 5n]],
    ['in', [['x', null]], ['x', null], ['y']],
    ['in', [[1, 2n]], [1, 1n, 2], [3, '1', null]],
    ['in', [[]], [], ['x', null]],
    ['notIn', [['x', null]], ['y'], ['x', null]],
    ['notIn', [[]], ['x', null], []],
    ['greaterThan', [10], [11, 10.5, 11n, 2n ** 60n], [10, 9, null, '11', true, 10n]],
    ['greaterThan', ['b'], ['c', 'ba'], ['a', 'b', 'B', 1, null]],
    ['greaterThan', [2n ** 60n], [2n ** 60n + 1n, 2 ** 61], [2n ** 60n, 5, '9', null]],
    ['greaterOrEqual', [10], [10, 11, 10n], [9, null, '10']],
    ['lessThan', [10], [9, -1, 9n], [10, 11, null, '9']],
    ['lessThan', [10n], [9, 9n], [10, 10n, '9', null]],
    ['lessOrEqual', [10], [10, 9, 10n], [11, null, false]],
    ['lessOrEqual', ['b'], ['b', 'a', ''], ['c', 0]],
    ['between', [1, 3], [1, 2, 3, 2n, 3n], [0, 4, 3.5, null, '2']],
    ['between', [1n, 3], [1, 1n, 3n], [0n, 4n]],
    ['between', ['b', 'd'], ['b', 'c', 'd', 'bz'], ['a', 'dd', 2, null]],
    ['between', [2, 2], [2, 2n], [1, 3]],
    ['contains', ['bc'], ['abcd', 'bc'], ['acb', null, 1, ['bc']]],
    ['startsWith', ['ab'], ['abc'], ['cab', null]],
    ['endsWith', ['bc'], ['abc'], ['bca', null]],
    ['matches', [/^a.c$/i], ['abc', 'AXC'], ['abcd', null, 1]],
    ['isNull', [], [null], ['', 0, false]],
    ['isNotNull', [], ['', 0, false], [null]],
  ];
  for (const [operator, operand, matching, others] of comparisons) {
    const show = (values: readonly unknown[]) =>
      values.map((value) => (typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)));
    it(`${operator} ${show(operand.flat()).join()} is true of ${show(matching).join()} and not of ${show(others).join()}`, () => {
      expect(matching.map((value) => compare(operator, operand, value))).to.deep.equal(matching.map(() => true));
      expect(others.map((value) => compare(operator, operand, value))).to.deep.equal(others.map(() => false));
    });
  }

  it('put numbers and bigints in the order that they have, and agree with each other', () => {
    const number = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }));
    fc.assert(
      fc.property(fc.oneof(fc.tuple(number, number), fc.tuple(fc.string(), fc.string())), ([actual, bound]) => {
        const [below, same, above] = (['lessThan', 'equals', 'greaterThan'] as const).map((each) =>
          compare(each, [bound], actual),
        );
        expect([below, same, above].filter(Boolean)).to.have.length(1);
        expect(compare('lessOrEqual', [bound], actual)).to.equal(actual <= bound);
        expect(compare('greaterOrEqual', [bound], actual)).to.equal(actual >= bound);
        expect(compare('between', [bound, bound], actual)).to.equal(same);
        expect(below).to.equal(actual < bound);
      }),
    );
  });

  for (const flags of ['', 'g', 'y', 'gy']) {
    it(`match each value alike, with the flags "${flags}", and leave the pattern as it is`, () => {
      const pattern = new RegExp('ab', flags);
      pattern.lastIndex = 1;
      const test = fieldTest('matches', [pattern]);
      const results = ['ab', 'ab', 'xx', 'ab', 'ab'].map((Field) =>
        test(changeEvent({ data: { Field } }), placeOf('Field')),
      );
      expect(results).to.deep.equal([true, true, false, true, true]);
      expect(pattern.lastIndex).to.equal(1);
    });
  }

  it('match from the start of the text, with the flag y', () => {
    expect(compare('matches', [/b/y], 'ab')).to.equal(false);
    expect(compare('matches', [/b/], 'ab')).to.equal(true);
  });

  it('are not changed by what happens to a list they were given', () => {
    const list = ['x'];
    const [isIn, isNotIn] = [fieldTest('in', [list]), fieldTest('notIn', [list])];
    list.push('y');
    const event = changeEvent({ data: { Field: 'y' } });
    expect([isIn, isNotIn].map((test) => test(event, placeOf('Field')))).to.deep.equal([false, true]);
  });

  const value = [[], ['x', 'y'], [undefined], [['x']], [{}], [Symbol('x')]];
  const text = [[], ['x', 'y'], [1], [null], [/x/]];
  const bound = [[], [1, 2], [null], [true], [NaN], [[1]]];
  const none = [['x'], [null], [undefined]];
  const refused: [FieldOperator, unknown[][], string][] = [
    ['equals', value, 'one value'],
    ['notEquals', value, 'one value'],
    ['changedTo', value, 'one value'],
    ['changedFrom', value, 'one value'],
    ['in', [[], ['x'], [null], ['x', 'y'], [['x'], ['y']], [['x', undefined]], [[['x']]]], 'a list'],
    ['notIn', [[], ['x'], [[{}]]], 'a list'],
    ['greaterThan', bound, 'one number, bigint or string'],
    ['greaterOrEqual', bound, 'one number, bigint or string'],
    ['lessThan', bound, 'one number, bigint or string'],
    ['lessOrEqual', bound, 'one number, bigint or string'],
    [
      'between',
      [[], [1], [1, 2, 3], [2, 1], ['b', 'a'], [2n, 1], [1, '2'], ['1', 2n], [1, null], [NaN, 1], [[1, 2]]],
      'two numbers or two strings, the lower one first',
    ],
    ['contains', text, 'one string'],
    ['startsWith', text, 'one string'],
    ['endsWith', text, 'one string'],
    ['matches', [[], ['x'], [/x/, 'g']], 'one RegExp'],
    ['isNull', none, 'nothing'],
    ['isNotNull', none, 'nothing'],
    ['changed', none, 'nothing'],
  ];
  for (const [operator, operands, message] of refused) {
    it(`refuse what does not fit ${operator}`, () => {
      for (const operand of operands) {
        expect(() => fieldTest(operator, operand)).to.throw(ConfigurationError, `"${operator}" takes ${message}`);
      }
    });
  }

  it('are those that there are', () => {
    for (const name of ['like', '', 'toString', 'Equals']) {
      expect(() => fieldTest(name, ['x'])).to.throw(ConfigurationError, /no operator.*equals.*changedFrom/);
    }
  });
});

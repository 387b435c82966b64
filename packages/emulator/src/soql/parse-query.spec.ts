import { expect } from 'chai';
import fc from 'fast-check';
import { print, queries } from '../../test/support/soql-queries.js';
import type { Condition, Literal, SoqlQuery } from './ast.js';
import { parseQuery } from './parse-query.js';
import { SoqlError } from './soql-error.js';

describe('parseQuery', () => {
  it('reads back what was printed, whatever the query', () => {
    fc.assert(
      fc.property(queries(), fc.boolean(), (query, lowerCase) => {
        const text = print(query, lowerCase);
        expect(withoutPlaces(parseQuery(text)), text).to.deep.equal(withoutPlaces(query));
      }),
    );
  });

  it('reads fields, object, alias, condition, order, limit and offset, when all are there', () => {
    const query = parseQuery(
      "select Id , Owner.Name from Account a where a.Name like 'A%' order by Name desc nulls first, Id limit 5 offset 2",
    );
    expect(query).to.deep.equal({
      select: {
        type: 'fields',
        items: [
          { type: 'field', field: { path: 'Id', at: 7 } },
          { type: 'field', field: { path: 'Owner.Name', at: 12 } },
        ],
      },
      from: { object: 'Account', at: 28, alias: 'a' },
      where: {
        type: 'like',
        field: { path: 'a.Name', at: 44 },
        pattern: [{ type: 'text', text: 'A' }, { type: 'any' }],
      },
      orderBy: [
        { field: { path: 'Name', at: 70 }, descending: true, nulls: 'first' },
        { field: { path: 'Id', at: 93 }, descending: false, nulls: 'first' },
      ],
      limit: 5,
      offset: 2,
    });
  });

  it('takes null as the least value, when the order does not say', () => {
    const { orderBy } = parseQuery('SELECT Id FROM Account ORDER BY Name DESC, Fax ASC');
    expect(orderBy.map(({ nulls }) => nulls)).to.deep.equal(['last', 'first']);
  });

  it('reads the characters behind backslashes, when a string has some', () => {
    expect(conditionOf(String.raw`Name = 'a\'b\\c\nd\%e'`)).to.have.deep.property('value', {
      type: 'string',
      value: "a'b\\c\nd%e",
    });
  });

  it('takes escaped wildcards as text, when they stand behind LIKE', () => {
    expect(conditionOf(String.raw`Name LIKE '50\%\_%_\\%'`)).to.have.deep.property('pattern', [
      { type: 'text', text: '50%_' },
      { type: 'any' },
      { type: 'one' },
      { type: 'text', text: '\\' },
      { type: 'any' },
    ]);
  });

  it('reads dates, times and offsets from UTC, when they are not in quotes', () => {
    expect(literalOf('2024-02-29')).to.deep.equal({ type: 'date', value: Date.UTC(2024, 1, 29) });
    expect(literalOf('2024-02-29T10:00:00+02:00')).to.deep.equal({
      type: 'datetime',
      value: Date.UTC(2024, 1, 29, 8),
    });
    expect(literalOf('2024-02-29T10:00:00.250Z')).to.have.property('value', Date.UTC(2024, 1, 29, 10, 0, 0, 250));
    expect(literalOf('08:30:00.000Z')).to.deep.equal({ type: 'time', value: 30_600_000 });
    expect(literalOf('last_n_days:30')).to.deep.equal({ type: 'relative-date', name: 'LAST_N_DAYS', count: 30 });
    expect(literalOf('THIS_YEAR')).to.deep.equal({ type: 'relative-date', name: 'THIS_YEAR' });
  });

  const wrong: readonly (readonly [string, string, number])[] = [
    ['SELECT Id FROM Account WHERE', "unexpected token: '<EOF>', expecting a name", 29],
    ['SELECT FROM Account', "unexpected token: 'Account', expecting FROM", 13],
    ['SELECT Id Account', "unexpected token: 'Account', expecting FROM", 11],
    ['SELECT Id FROM Account WHERE Name', "unexpected token: '<EOF>', expecting an operator", 34],
    ["SELECT Id FROM Account WHERE Name = 'a' AND Fax = 'b' OR Fax = 'c'", "unexpected token: 'OR'", 55],
    ["SELECT Id FROM Account WHERE Name = 'a", 'a string is not closed', 37],
    [String.raw`SELECT Id FROM Account WHERE Name = 'a\q'`, String.raw`Illegal character sequence '\q'`, 39],
    ['SELECT Id FROM Account WHERE (Name = null', "expecting ')'", 42],
    ['SELECT Id FROM Account WHERE Birthdate__c = 2023-02-29', 'Invalid date', 45],
    ['SELECT Id FROM Account WHERE Name LIKE 5', 'expecting a string', 40],
    ['SELECT Id FROM Account LIMIT -1', 'expecting a whole number', 30],
    ['SELECT Id FROM Account LIMIT 1 LIMIT 2', "unexpected token: 'LIMIT'", 32],
    ['SELECT Id FROM Account GROUP BY ROLLUP(Id)', 'does not imitate ROLLUP', 33],
    ['SELECT Id FROM Account WITH SECURITY_ENFORCED', 'does not imitate WITH', 24],
    ['SELECT Id, COUNT() FROM Account', 'COUNT() stands alone', 12],
    ['SELECT MAX(Name, Id) FROM Account', "expecting ')'", 16],
    ['SELECT toLabel(Name) FROM Account', 'does not imitate the function toLabel()', 8],
    ['SELECT Id, (SELECT Id FROM Contacts FROM Account', "expecting ')'", 37],
    [`SELECT Id, ${'(SELECT Id, '.repeat(6)}Id FROM A`, 'stand in each other more than 5 times', 73],
    ["SELECT Id FROM Account WHERE Skills__c INCLUDES ('a', 1)", 'expecting a string', 55],
    ['SELECT Id FROM Account ; DROP', "unexpected token: ';'", 24],
  ];
  for (const [text, message, column] of wrong) {
    it(`names column ${column}, when the query is ${text}`, () => {
      const error = errorOf(text);
      expect(error.errorCode).to.equal('MALFORMED_QUERY');
      expect(error.describe(text)).to.contain(`ERROR at Row:1:Column:${column}\n`).and.to.contain(message);
    });
  }

  it('points at the place in its row, when a query has several', () => {
    const text = 'SELECT Id\nFROM Account\nWHERE ?';
    expect(errorOf(text).describe(text)).to.equal("\nWHERE ?\n      ^\nERROR at Row:3:Column:7\nunexpected token: '?'");
  });

  it('refuses conditions that stand in each other without end, when somebody sends them', () => {
    for (const opening of ['(', 'NOT ']) {
      const text = `SELECT Id FROM Account WHERE ${opening.repeat(5000)}`;
      expect(errorOf(text).message).to.contain('more than 100 times');
    }
  });
});

function errorOf(text: string): SoqlError {
  try {
    parseQuery(text);
  } catch (error) {
    expect(error).to.be.instanceOf(SoqlError);
    return error as SoqlError;
  }
  throw new Error(`There is nothing wrong with: ${text}`);
}

function conditionOf(condition: string): Condition {
  return parseQuery(`SELECT Id FROM Account WHERE ${condition}`).where!;
}

function literalOf(literal: string): Literal {
  return (conditionOf(`X = ${literal}`) as Extract<Condition, { type: 'comparison' }>).value;
}

function withoutPlaces(query: SoqlQuery): unknown {
  return JSON.parse(JSON.stringify(query, (key, value: unknown) => (key === 'at' ? undefined : value)));
}

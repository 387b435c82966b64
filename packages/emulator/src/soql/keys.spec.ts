import { expect } from 'chai';
import fc from 'fast-check';
import { isWithin, type KeyRange } from '../model/key-range.js';
import { recordIdOf } from '../model/record-ids.js';
import { parseQuery } from './parse-query.js';
import type { QueryField, QueryObject, QueryRow } from './queryable.js';
import { runQuery } from './run-query.js';

const COUNT = 12;
const IDS = Array.from({ length: COUNT }, (_, index) => recordIdOf('001', index * 9));

describe('A query on records that are kept by their ids', () => {
  it('finds what it would find among all records, whatever it says of ids', () => {
    fc.assert(
      fc.property(queries(), (text) => {
        const find = (object: QueryObject) => {
          const { rows, totalSize } = runQuery(parseQuery(text), databaseOf(object), { deleted: false });
          return { ids: rows.map(({ id }) => id), totalSize };
        };
        const { object, withoutKeys } = things();
        expect(find(object)).to.deep.equal(find(withoutKeys));
      }),
      { numRuns: 1_000 },
    );
  });

  const reads: readonly (readonly [query: string, read: number])[] = [
    [`SELECT Id FROM Thing WHERE Id > '${IDS[3]}' ORDER BY Id LIMIT 4`, 4],
    [`SELECT Id FROM Thing WHERE Id > '${IDS[3]!.slice(0, 15)}' AND Even = true ORDER BY Id LIMIT 2`, 3],
    [`SELECT Id FROM Thing WHERE Even = true AND (Id >= '${IDS[3]}' AND Id < '${IDS[5]}')`, 2],
    [`SELECT Id FROM Thing WHERE Id = '${IDS[3]}'`, 1],
    [`SELECT Id FROM Thing WHERE Id IN ('${IDS[5]}', '${IDS[3]}')`, 3],
    ['SELECT Id FROM Thing ORDER BY Id DESC LIMIT 1', 1],
    ['SELECT Id FROM Thing LIMIT 2 OFFSET 3', 5],
    ['SELECT Id FROM Thing LIMIT 0', 0],
    ['SELECT COUNT() FROM Thing', 0],
    ['SELECT Id FROM Thing ORDER BY Even, Id LIMIT 1', COUNT],
    [`SELECT Id FROM Thing WHERE Id > '${IDS[3]}' OR Even = true`, COUNT],
    [`SELECT Id FROM Thing WHERE NOT (Id > '${IDS[3]}')`, COUNT],
    ['SELECT COUNT(Id) FROM Thing LIMIT 1', COUNT],
  ];
  for (const [query, expected] of reads) {
    it(`reads ${expected} of ${COUNT} records for ${query.replace(/^SELECT (\S+) FROM Thing/, '$1')}`, () => {
      const { object, read } = things();
      runQuery(parseQuery(query), databaseOf(object), { deleted: false });
      expect(read()).to.equal(expected);
    });
  }
});

function queries(): fc.Arbitrary<string> {
  const ids = fc.oneof(
    fc.constantFrom(...IDS),
    fc.nat(COUNT * 9).map((number) => recordIdOf('001', number)),
    fc.constantFrom(...IDS).map((id) => id.slice(0, 15)),
  );
  const comparison = fc
    .tuple(fc.constantFrom('=', '!=', '<', '<=', '>', '>='), ids)
    .map(([operator, id]) => `Id ${operator} '${id}'`);
  const list = fc
    .tuple(fc.constantFrom('IN', 'NOT IN'), fc.array(ids, { minLength: 1, maxLength: 3 }))
    .map(([operator, all]) => `Id ${operator} (${all.map((id) => `'${id}'`).join(', ')})`);
  const simple = fc.oneof(comparison, list, fc.constant('Even = true'));
  const negated = simple.map((condition) => `(NOT ${condition})`);
  const joined = fc
    .tuple(fc.constantFrom(' AND ', ' OR '), fc.array(fc.oneof(simple, negated), { minLength: 2, maxLength: 3 }))
    .map(([operator, all]) => `(${all.join(operator)})`);
  const where = fc.array(fc.oneof(simple, joined), { maxLength: 3 }).map((all) => all.join(' AND '));
  const order = fc.constantFrom('', 'ORDER BY Id', 'ORDER BY Id DESC', 'ORDER BY Even DESC', 'ORDER BY Even, Id DESC');
  const limit = fc.oneof(
    fc.constant(''),
    fc.nat(5).map((most) => `LIMIT ${most}`),
  );
  const offset = fc.oneof(
    fc.constant(''),
    fc.nat(3).map((most) => `OFFSET ${most}`),
  );
  return fc
    .tuple(fc.constantFrom('Id', 'COUNT()'), where, order, limit, offset)
    .map(([what, condition, ...rest]) =>
      [`SELECT ${what} FROM Thing`, condition === '' ? '' : `WHERE ${condition}`, ...rest].join(' '),
    );
}

/** An object whose records are kept by their ids, how many of them were read, and the same without such order. */
function things(): { readonly object: QueryObject; readonly withoutKeys: QueryObject; readonly read: () => number } {
  let read = 0;
  const fields = [fieldOf('Id', 'id'), fieldOf('Even', 'boolean')];
  const rows = IDS.map((id, index): QueryRow => {
    const get = ({ name }: QueryField) => (name === 'Id' ? id : index % 2 === 0);
    return { object: 'Thing', id, get, toJson: get, parent: () => undefined };
  });
  function* scan(_which: unknown, range: KeyRange, descending: boolean): Iterable<QueryRow> {
    const inRange = rows.filter(({ id }) => isWithin(id, range));
    for (const row of descending ? inRange.reverse() : inRange) {
      read++;
      yield row;
    }
  }
  const withoutKeys: QueryObject = {
    name: 'Thing',
    fields,
    field: (name) => fields.find((each) => each.name.toLowerCase() === name.toLowerCase()),
    relationship: () => undefined,
    childRelationship: () => undefined,
    rows: () => rows,
  };
  const object: QueryObject = { ...withoutKeys, scan, count: () => rows.length };
  return { object, withoutKeys, read: () => read };
}

function databaseOf(object: QueryObject) {
  return { object: () => object, now: () => 0 };
}

function fieldOf(name: string, kind: QueryField['kind']): QueryField {
  return { name, kind, filterable: true, sortable: true, custom: false };
}

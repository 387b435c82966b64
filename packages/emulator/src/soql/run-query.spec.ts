import { expect } from 'chai';
import fc from 'fast-check';
import { parseQuery } from './parse-query.js';
import type { QueryDatabase, QueryField, QueryObject, QueryRow, QueryValue } from './queryable.js';
import { runQuery } from './run-query.js';
import { SoqlError } from './soql-error.js';

const NOW = Date.UTC(2024, 1, 29, 13, 45);

type Values = Readonly<Record<string, QueryValue>>;

describe('runQuery', () => {
  it('agrees with a plain model, whatever is compared with what', () => {
    const value = fc.constantFrom('a', 'A', 'b', 'B', 'ab', '', null);
    const operator = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');
    fc.assert(
      fc.property(fc.array(value), operator, value, fc.boolean(), (values, op, wanted, negated) => {
        const condition = `Name ${op} ${wanted === null ? 'null' : `'${wanted}'`}`;
        const found = idsOf(`WHERE ${negated ? `NOT (${condition})` : condition}`, rowsOf(values));
        const expected = values.flatMap((each, index) => (model(each, op, wanted) === negated ? [] : [`${index}`]));
        expect(found).to.deep.equal(expected);
      }),
    );
  });

  it('finds what a regular expression would, whatever the pattern behind LIKE', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'B', 'b', '.'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_', '.'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(text), pattern, (values, like) => {
        const source = like.replaceAll('.', '\\.').replaceAll('%', '.*').replaceAll('_', '.');
        const expression = new RegExp(`^${source}$`, 'i');
        const expected = values.flatMap((each, index) => (each !== '' && expression.test(each) ? [`${index}`] : []));
        expect(idsOf(`WHERE Name LIKE '${like}'`, rowsOf(values)), like).to.deep.equal(expected);
      }),
    );
  });

  it('joins conditions as logic does, whatever they are', () => {
    const rows = [0, 1, 2, 3].map((bits) => ({ Name: (bits & 1) === 1 ? 'x' : 'y', Flag: (bits & 2) === 2 }));
    const find = (where: string) => idsOf(`WHERE ${where}`, rows);
    expect(find("Name = 'x' AND Flag = true")).to.deep.equal(['3']);
    expect(find("Name = 'x' OR Flag = true")).to.deep.equal(['1', '2', '3']);
    expect(find("NOT (Name = 'x' OR Flag = true)")).to.deep.equal(['0']);
    expect(find("(Name = 'x' AND Flag = true) OR (Name = 'y' AND NOT Flag = true)")).to.deep.equal(['0', '3']);
  });

  it('finds records without a value, when they are asked for or others are excluded', () => {
    const rows = rowsOf(['a', null, 'b']);
    expect(idsOf('WHERE Name = null', rows)).to.deep.equal(['1']);
    expect(idsOf('WHERE Name != null', rows)).to.deep.equal(['0', '2']);
    expect(idsOf("WHERE Name IN ('A', null)", rows)).to.deep.equal(['0', '1']);
    expect(idsOf("WHERE Name NOT IN ('a')", rows)).to.deep.equal(['1', '2']);
  });

  it('compares ids with their case and in both lengths, when a field holds ids', () => {
    const rows = ['001Hs00000000aBIAQ', '001Hs00000000abIAA'].map((Parent) => ({ Parent }));
    expect(idsOf("WHERE Parent = '001Hs00000000aB'", rows)).to.deep.equal(['0']);
    expect(idsOf("WHERE Parent IN ('001Hs00000000abIAA')", rows)).to.deep.equal(['1']);
  });

  it('takes a span of time as one value, when a moment is compared with it', () => {
    const days = [
      '2024-02-28T23:59:59.999Z',
      '2024-02-29T00:00:00Z',
      '2024-02-29T23:59:59.999Z',
      '2024-03-01T00:00:00Z',
    ];
    const rows = days.map((day) => ({ At: Date.parse(day) }));
    const find = (operator: string) => idsOf(`WHERE At ${operator} TODAY`, rows);
    expect(['=', '!=', '<', '<=', '>', '>='].map(find)).to.deep.equal([
      ['1', '2'],
      ['0', '3'],
      ['0'],
      ['0', '1', '2'],
      ['3'],
      ['1', '2', '3'],
    ]);
  });

  it('orders by one field after the other, with nulls where they are wanted', () => {
    const rows = ['b', null, 'A', 'a', null].map((Name, index) => ({ Name, Size: -index }));
    const find = (order: string) => idsOf(`ORDER BY ${order}`, rows).join('');
    expect(find('Name')).to.equal('14230');
    expect(find('Name DESC')).to.equal('02314');
    expect(find('Name NULLS LAST')).to.equal('23014');
    expect(find('Name DESC NULLS FIRST')).to.equal('14023');
    expect(find('Name, Size')).to.equal('41320');
  });

  it('gives those between offset and limit, when the query has them', () => {
    const rows = rowsOf(['a', 'b', 'c', 'd', 'e']);
    expect(idsOf('ORDER BY Name DESC LIMIT 2 OFFSET 1', rows)).to.deep.equal(['3', '2']);
    expect(idsOf('LIMIT 0', rows)).to.deep.equal([]);
  });

  it('counts and gives no records, when it is asked for COUNT()', () => {
    const query = parseQuery("SELECT COUNT() FROM Thing WHERE Name != 'a'");
    expect(runQuery(query, databaseOf(rowsOf(['a', 'b', 'c'])), { deleted: false })).to.deep.equal({
      totalSize: 2,
      columns: [],
      rows: [],
    });
  });

  it('follows relationships, when a path leads through them', () => {
    const rows = [{ Parent: '1' }, { Name: 'root' }, { Parent: '0' }];
    expect(idsOf("WHERE Above.Name = 'root'", rows)).to.deep.equal(['0']);
    expect(idsOf("WHERE thing.above.above.name = 'root'", rows)).to.deep.equal(['2']);
    expect(idsOf('WHERE Above.Name = null', rows)).to.deep.equal(['1', '2']);
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ['SELECT Id FROM Nothing', 'INVALID_TYPE', "sObject type 'Nothing' is not supported"],
    ['SELECT Nothing FROM Thing', 'INVALID_FIELD', "No such column 'Nothing' on entity 'Thing'"],
    ['SELECT Nowhere.Name FROM Thing', 'INVALID_FIELD', "Didn't understand relationship 'Nowhere'"],
    ['SELECT Id, Name, id FROM Thing', 'MALFORMED_QUERY', 'duplicate field selected: Id'],
    ["SELECT Id FROM Thing WHERE Size = '5'", 'INVALID_FIELD', 'must be of type double and should not be enclosed'],
    ['SELECT Id FROM Thing WHERE Name = 5', 'INVALID_FIELD', 'must be of type string and should be enclosed'],
    ['SELECT Id FROM Thing WHERE At = 2024-01-01', 'INVALID_FIELD', 'must be of type dateTime'],
    ['SELECT Id FROM Thing WHERE Flag > true', 'INVALID_FIELD', 'invalid operator on boolean field'],
    ["SELECT Id FROM Thing WHERE Parent LIKE '0%'", 'INVALID_FIELD', 'invalid operator on id field'],
    ["SELECT Id FROM Thing WHERE Parent = '12'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid ID field: 12'],
    ["SELECT Id FROM Thing WHERE Whole = 'x'", 'INVALID_FIELD', "field 'Whole' can not be filtered"],
    ['SELECT Id FROM Thing ORDER BY Whole', 'MALFORMED_QUERY', "field 'Whole' can not be sorted"],
    ['SELECT FIELDS(ALL) FROM Thing', 'MALFORMED_QUERY', 'must have a LIMIT of at most 200'],
    ['SELECT FIELDS(CUSTOM) FROM Thing LIMIT 201', 'MALFORMED_QUERY', 'must have a LIMIT of at most 200'],
    ['SELECT Id FROM Thing OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', 'Maximum SOQL offset allowed is 2000'],
  ];
  for (const [text, errorCode, message] of wrong) {
    it(`refuses with ${errorCode}, when the query is ${text}`, () => {
      expect(() => runQuery(parseQuery(text), databaseOf([]), { deleted: false }))
        .to.throw(SoqlError, message)
        .with.property('errorCode', errorCode);
    });
  }

  it('selects the fields of a group, when it is asked for one', () => {
    const select = (what: string) =>
      runQuery(parseQuery(`SELECT ${what} FROM Thing LIMIT 200`), databaseOf([]), { deleted: false }).columns.map(
        ({ field }) => field.name,
      );
    expect(select('FIELDS(CUSTOM), Id')).to.deep.equal(['Extra__c', 'Id']);
    expect(select('FIELDS(STANDARD)')).to.deep.equal(['Id', 'Name', 'Size', 'Flag', 'At', 'Parent', 'Whole']);
    expect(select('FIELDS(ALL)')).to.have.length(8);
  });
});

/** What Salesforce says of texts: case does not count, and an empty text is no text. */
function model(value: QueryValue, operator: string, wanted: string | null): boolean {
  const left = value === '' || value === null ? undefined : String(value).toLowerCase();
  const right = wanted === '' || wanted === null ? undefined : wanted.toLowerCase();
  if (operator === '=' || operator === '!=') return (left === right) === (operator === '=');
  if (left === undefined || right === undefined) return false;
  return (
    (operator.startsWith('<') && left < right) ||
    (operator.startsWith('>') && left > right) ||
    (operator.endsWith('=') && left === right)
  );
}

function rowsOf(names: readonly QueryValue[]): Values[] {
  return names.map((Name) => ({ Name }));
}

function idsOf(rest: string, rows: readonly Values[]): QueryValue[] {
  const { rows: found, columns } = runQuery(parseQuery(`SELECT Id FROM Thing ${rest}`), databaseOf(rows), {
    deleted: false,
  });
  return found.map((row) => row.get(columns[0]!.field));
}

/** One object with a field of each kind, whose ids are the places of its records. */
function databaseOf(values: readonly Values[]): QueryDatabase {
  const fields: QueryField[] = [
    fieldOf('Id', 'string'),
    fieldOf('Name', 'string'),
    fieldOf('Size', 'double'),
    fieldOf('Flag', 'boolean'),
    fieldOf('At', 'dateTime'),
    fieldOf('Parent', 'id'),
    { ...fieldOf('Whole', 'compound'), filterable: false, sortable: false },
    { ...fieldOf('Extra__c', 'string'), custom: true },
  ];
  const rows = values.map((each, index): QueryRow => {
    const get = ({ name }: QueryField) => (name === 'Id' ? `${index}` : (each[name] ?? null));
    return { object: 'Thing', id: `${index}`, get, toJson: get, parent: () => rows[Number(each.Parent ?? -1)] };
  });
  const thing: QueryObject = {
    name: 'Thing',
    fields,
    field: (name) => fields.find((each) => each.name.toLowerCase() === name.toLowerCase()),
    relationship: (name) => (name.toLowerCase() === 'above' ? { name: 'Above', object: thing } : undefined),
    childRelationship: (name) =>
      name.toLowerCase() === 'below' ? { name: 'Below', object: thing, field: fields[5]! } : undefined,
    rows: () => rows,
  };
  return { object: (name) => (name === 'Thing' ? thing : undefined), now: () => NOW };
}

function fieldOf(name: string, kind: QueryField['kind']): QueryField {
  return { name, kind, filterable: true, sortable: true, custom: false };
}

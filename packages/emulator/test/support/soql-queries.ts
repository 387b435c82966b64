import fc from 'fast-check';
import type { Condition, FieldPath, Literal, PatternPart, SelectItem, SoqlQuery } from '../../src/soql/ast.js';

const names = fc.constantFrom('Id', 'Name', 'Owner.Name', 'ERP_Key__c', 'Account.Owner.Username', 'Selected');

function fields(): fc.Arbitrary<FieldPath> {
  return fc.record(
    {
      path: names,
      at: fc.constant(0),
      aggregate: fc.constantFrom('COUNT', 'COUNT_DISTINCT', 'SUM', 'AVG', 'MIN', 'MAX'),
    },
    { requiredKeys: ['path', 'at'] },
  );
}

/** A query that stands in another one. */
function innerQueries(): fc.Arbitrary<SoqlQuery> {
  return fc
    .record({
      select: fields().map((field) => ({ type: 'fields' as const, items: [{ type: 'field' as const, field }] })),
      from: fc.constant({ object: 'Contacts', at: 0 }),
      limit: fc.nat(),
    })
    .map((query): SoqlQuery => ({ ...query, orderBy: [], offset: 0 }));
}

function literals(): fc.Arbitrary<Literal> {
  const moments = fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2100, 0) });
  return fc.oneof(
    fc.string({ unit: 'binary' }).map((value): Literal => ({ type: 'string', value })),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value): Literal => ({ type: 'number', value: value || 0 })),
    fc.boolean().map((value): Literal => ({ type: 'boolean', value })),
    fc.constant<Literal>({ type: 'null' }),
    moments.map((at): Literal => ({ type: 'date', value: at - (((at % 86_400_000) + 86_400_000) % 86_400_000) })),
    moments.map((value): Literal => ({ type: 'datetime', value })),
    fc.nat(86_399_999).map((value): Literal => ({ type: 'time', value })),
    fc.constantFrom('TODAY', 'LAST_90_DAYS', 'NEXT_WEEK').map((name): Literal => ({ type: 'relative-date', name })),
    fc
      .record({ name: fc.constantFrom('LAST_N_DAYS', 'N_MONTHS_AGO'), count: fc.nat(999) })
      .map((literal): Literal => ({ type: 'relative-date', ...literal })),
  );
}

/** Texts do not follow each other: printed, two of them are one. */
function patterns(): fc.Arbitrary<readonly PatternPart[]> {
  const wildcard = fc.constantFrom<PatternPart>({ type: 'any' }, { type: 'one' });
  const text = fc.string({ minLength: 1 }).map((chars): PatternPart => ({ type: 'text', text: chars }));
  return fc
    .array(fc.oneof(wildcard, text))
    .map((parts) => parts.filter(({ type }, index) => type !== 'text' || parts[index - 1]?.type !== 'text'));
}

function conditions(): fc.Arbitrary<Condition> {
  return fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { depthSize: 'small' },
      fc.record({
        type: fc.constant('comparison' as const),
        field: fields(),
        operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
        value: literals(),
      }),
      fc.record({ type: fc.constant('like' as const), field: fields(), pattern: patterns() }),
      fc.record({
        type: fc.constant('in' as const),
        field: fields(),
        negated: fc.boolean(),
        values: fc.array(literals(), { minLength: 1, maxLength: 4 }),
      }),
      fc.record({
        type: fc.constant('in-query' as const),
        field: fields(),
        negated: fc.boolean(),
        query: innerQueries(),
      }),
      fc.record({
        type: fc.constant('includes' as const),
        field: fields(),
        negated: fc.boolean(),
        choices: fc.array(fc.array(fc.constantFrom('a', 'B c', "d'e"), { minLength: 1, maxLength: 3 }), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
      fc.record({ type: fc.constant('not' as const), condition: tie('condition') }),
      fc.record({
        type: fc.constantFrom('and' as const, 'or' as const),
        conditions: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }),
      }),
    ),
  })).condition;
}

/** Any query, its places left at 0. */
export function queries(): fc.Arbitrary<SoqlQuery> {
  const item = fc.oneof(
    fc.record(
      { type: fc.constant('field' as const), field: fields(), alias: fc.constantFrom('n', 'total') },
      { requiredKeys: ['type', 'field'] },
    ),
    innerQueries().map((query) => ({ type: 'children' as const, query, at: 0 })),
    fc.constantFrom('ALL', 'STANDARD', 'CUSTOM').map((group) => ({ type: 'group' as const, group, at: 0 })),
  );
  return fc
    .record(
      {
        select: fc.oneof(
          fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => ({ type: 'fields' as const, items })),
          fc.constant({ type: 'count' as const }),
        ),
        from: fc.record(
          { object: fc.constantFrom('Account', 'Project__c'), at: fc.constant(0), alias: fc.constantFrom('a', 'p1') },
          { requiredKeys: ['object', 'at'] },
        ),
        where: conditions(),
        groupBy: fc.array(fields(), { minLength: 1, maxLength: 3 }),
        having: conditions(),
        orderBy: fc.array(
          fc.record({ field: fields(), descending: fc.boolean(), nulls: fc.constantFrom('first', 'last') }),
          { maxLength: 3 },
        ),
        limit: fc.nat(),
        offset: fc.nat(),
      },
      { requiredKeys: ['select', 'from', 'orderBy', 'offset'] },
    )
    .map((query) => query as SoqlQuery);
}

/** A query as text, its keywords in upper or lower case. */
export function print(query: SoqlQuery, lowerCase: boolean): string {
  return printQuery(query, (text) => (lowerCase ? text.toLowerCase() : text));
}

type Word = (text: string) => string;

function printQuery(query: SoqlQuery, word: Word): string {
  const { select, from, where, groupBy, having, orderBy, limit, offset } = query;
  const order = orderBy.map(
    ({ field, descending, nulls }) =>
      `${printField(field, word)} ${word(descending ? 'DESC' : 'ASC')} ${word(`NULLS ${nulls.toUpperCase()}`)}`,
  );
  return [
    word('SELECT'),
    select.type === 'count' ? word('COUNT()') : select.items.map((each) => printItem(each, word)).join(', '),
    word('FROM'),
    from.object,
    from.alias ?? '',
    ...(where === undefined ? [] : [word('WHERE'), printCondition(where, word)]),
    ...(groupBy === undefined ? [] : [word('GROUP BY'), groupBy.map((field) => printField(field, word)).join(', ')]),
    ...(having === undefined ? [] : [word('HAVING'), printCondition(having, word)]),
    ...(order.length === 0 ? [] : [word('ORDER BY'), order.join(',')]),
    ...(limit === undefined ? [] : [word('LIMIT'), limit]),
    ...(offset === 0 ? [] : [word('OFFSET'), offset]),
  ].join(' ');
}

function printItem(item: SelectItem, word: Word): string {
  switch (item.type) {
    case 'field':
      return `${printField(item.field, word)} ${item.alias ?? ''}`;
    case 'group':
      return word(`FIELDS(${item.group})`);
    case 'children':
      return `(${printQuery(item.query, word)})`;
  }
}

function printField({ path, aggregate }: FieldPath, word: Word): string {
  return aggregate === undefined ? path : `${word(aggregate)}(${path})`;
}

function printCondition(condition: Condition, word: Word): string {
  switch (condition.type) {
    case 'and':
    case 'or':
      return condition.conditions
        .map((each) => `(${printCondition(each, word)})`)
        .join(` ${word(condition.type.toUpperCase())} `);
    case 'not':
      return `${word('NOT')} (${printCondition(condition.condition, word)})`;
    case 'comparison':
      return `${printField(condition.field, word)}${condition.operator} ${printLiteral(condition.value)}`;
    case 'like':
      return `${printField(condition.field, word)} ${word('LIKE')} '${condition.pattern.map(printPart).join('')}'`;
    case 'in':
      return `${printField(condition.field, word)} ${word(condition.negated ? 'NOT IN' : 'IN')} (${condition.values.map(printLiteral).join(',')})`;
    case 'in-query':
      return `${printField(condition.field, word)} ${word(condition.negated ? 'NOT IN' : 'IN')} (${printQuery(condition.query, word)})`;
    case 'includes': {
      const choices = condition.choices.map((value) => printLiteral({ type: 'string', value: value.join(';') }));
      return `${printField(condition.field, word)} ${word(condition.negated ? 'EXCLUDES' : 'INCLUDES')} (${choices.join(', ')})`;
    }
  }
}

function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case 'string':
      return `'${literal.value.replace(/[\\']/g, String.raw`\$&`)}'`;
    case 'number':
    case 'boolean':
      return literal.value.toString();
    case 'null':
      return 'null';
    case 'date':
      return new Date(literal.value).toISOString().slice(0, 10);
    case 'datetime':
      return new Date(literal.value).toISOString();
    case 'time':
      return new Date(literal.value).toISOString().slice(11);
    case 'relative-date':
      return literal.count === undefined ? literal.name : `${literal.name}:${literal.count}`;
  }
}

function printPart(part: PatternPart): string {
  if (part.type !== 'text') return part.type === 'any' ? '%' : '_';
  return part.text.replace(/[\\'%_]/g, String.raw`\$&`);
}

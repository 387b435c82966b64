import fc from 'fast-check';
import { parseSchema } from '@rxforce/core/codec';

/** A schema as the service might send it, and payloads of its events. */
export interface AnyEvents {
  readonly json: string;
  readonly payloads: readonly Buffer[];
}

/** What a field holds: its type in the schema, what the schema says of it, and its values. */
interface Kind {
  readonly type: unknown;
  readonly doc: string | undefined;
  readonly values: fc.Arbitrary<unknown>;
}

const STRINGS = { type: 'array', items: 'string' };
const HEADER = {
  name: 'ChangeEventHeader',
  type: {
    type: 'record',
    name: 'ChangeEventHeader',
    fields: [
      { name: 'commitNumber', type: 'long' },
      { name: 'nulledFields', type: STRINGS },
      { name: 'diffFields', type: STRINGS },
      { name: 'changedFields', type: STRINGS },
    ],
  },
};
const HEADER_VALUE = { commitNumber: 1, nulledFields: [], diffFields: [], changedFields: [] };

const KEYWORDS = ['string', 'any', 'infer', 'keyof', 'readonly', 'void', 'class', 'interface', 'type'];
const OWN_NAMES = [
  'ChangeEvent',
  'Entities',
  'Topics',
  'PickList',
  'PickLists',
  'Record',
  'Address',
  'Account_Address',
];

/** Names: short ones that meet, long ones, and those that mean something elsewhere. */
const name = fc.oneof(
  fc.constantFrom('Account', 'Lead', 'Order__c', 'A', 'AChange', ...OWN_NAMES, ...KEYWORDS),
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,59}$/),
);

const anyDoc = fc.option(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('*/ x', 'Data:Text:00N1')), {
  nil: undefined,
});
const long = fc
  .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  .map((value) => (BigInt.asIntN(54, value) === value ? Number(value) : value));

const kinds: fc.Arbitrary<Kind> = fc
  .tuple(
    anyDoc,
    fc.constantFrom<readonly [unknown, fc.Arbitrary<unknown>]>(
      ['string', fc.string()],
      ['boolean', fc.boolean()],
      ['int', fc.integer()],
      ['long', long],
      ['double', fc.double()],
      ['bytes', fc.uint8Array().map((bytes) => Buffer.from(bytes))],
      [STRINGS, fc.array(fc.string())],
      [{ type: 'map', values: ['null', 'double'] }, fc.dictionary(fc.string(), fc.option(fc.double()))],
    ),
  )
  .map(([doc, [type, values]]) => ({ type, doc, values }));

const documented: fc.Arbitrary<Kind> = fc.constantFrom(
  { type: 'long', doc: 'CreatedDate:DateTime', values: fc.maxSafeInteger() },
  { type: 'string', doc: 'Data:DynamicEnum', values: fc.string() },
  { type: 'string', doc: 'Data:MultiEnum:00N1', values: fc.string() },
);

/** Types with a name, which a schema defines where it first uses them. */
const named: fc.Arbitrary<Kind> = fc.oneof(
  fc
    .tuple(fc.constantFrom('Address', 'Name', 'Entities'), fc.uniqueArray(name, { minLength: 1, maxLength: 3 }))
    .map(([typeName, children]) => ({
      type: {
        type: 'record',
        name: typeName,
        fields: children.map((child) => ({ name: child, type: ['null', 'string'], default: null })),
      },
      doc: `Data:${typeName}`,
      values: fc.tuple(...children.map(() => fc.option(fc.string()))).map((values) => recordOf(children, values)),
    })),
  fc.uniqueArray(fc.stringMatching(/^[A-Z_]{1,9}$/), { minLength: 1, maxLength: 20 }).map((symbols) => ({
    type: { type: 'enum', name: 'Kind', symbols },
    doc: undefined,
    values: fc.constantFrom(...symbols),
  })),
);

const field = fc.record({
  name,
  kind: fc.oneof(kinds, documented, named),
  union: fc.constantFrom('none', 'null', 'null and string'),
});

/** Schemas of change events and platform events, with fields of every kind that the service uses, and some more. */
export const anyEvents: fc.Arbitrary<AnyEvents> = fc
  .record({
    name,
    isChange: fc.boolean(),
    fields: fc.uniqueArray(field, { maxLength: 8, selector: (each) => each.name }),
  })
  .chain(({ name: eventName, isChange, fields }) => {
    const defined = new Map<string, Kind>();
    const bodies = fields.map((each) => bodyField(each, defined));
    const json = JSON.stringify({
      type: 'record',
      name: isChange ? `${eventName.replace(/__c$/, '__')}ChangeEvent` : `${eventName}__e`,
      namespace: 'com.sforce.eventbus',
      fields: [...(isChange ? [HEADER] : []), ...bodies.map(({ schema }) => schema)],
    });
    const type = parseSchema(json);
    const names = fields.map((each) => each.name);
    const payload = fc.tuple(...bodies.map(({ values }) => values)).map((values) => {
      const data = recordOf(names, values);
      return type.toBuffer(isChange ? { ChangeEventHeader: HEADER_VALUE, ...data } : data);
    });
    return fc.record({ json: fc.constant(json), payloads: fc.array(payload, { minLength: 1, maxLength: 3 }) });
  });

type AnyField = typeof field extends fc.Arbitrary<infer F> ? F : never;

/** A field of the schema; a type with a name is the one that was defined before. */
function bodyField({ name: fieldName, kind, union }: AnyField, defined: Map<string, Kind>) {
  const typeName = (kind.type as { readonly name?: string }).name;
  const first = typeName === undefined ? undefined : defined.get(typeName);
  if (typeName !== undefined && !first) defined.set(typeName, kind);
  const type = first ? typeName : kind.type;
  const { doc, values } = first ?? kind;
  const others =
    union === 'none' ? [] : ['null', ...(union === 'null and string' && canStandBesideText(kind) ? ['string'] : [])];
  return {
    schema: { name: fieldName, type: others.length > 0 ? [...others, type] : type, ...(doc !== undefined && { doc }) },
    values: fc.oneof(values, ...others.map((other) => (other === 'null' ? fc.constant(null) : fc.string()))),
  };
}

/** As a name that is a text or has parts. */
function canStandBesideText({ type }: Kind): boolean {
  return (type as { readonly type?: string }).type === 'record';
}

/** As decoded records are: a field may have any name. */
function recordOf(names: readonly string[], values: readonly unknown[]): object {
  return Object.fromEntries(names.map((each, index) => [each, values[index]]));
}

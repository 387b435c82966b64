import { ownField, type FieldKind } from '@rxforce/core/model';

/**
 * A field of events: the kinds of its values besides null, and its data type, such as `DateTime`, where the schema says
 * it.
 */
export interface SchemaField {
  readonly kinds: readonly FieldKind[];
  readonly dataType: string;
  /** Of a compound field, by their names. */
  readonly parts: ReadonlyMap<string, SchemaField>;
}

/** The fields of the events of a schema. */
export interface SchemaFields {
  /** The name of the events, such as `AccountChangeEvent`. */
  readonly event: string;
  readonly fields: ReadonlyMap<string, SchemaField>;
}

interface AvroField {
  readonly name: string;
  readonly type: unknown;
  readonly doc?: string;
}

interface AvroType {
  readonly type?: unknown;
  readonly name?: string;
  readonly fields?: readonly AvroField[];
}

/** The records of a schema, by their names. */
type Definitions = Map<string, AvroType>;

/** What a change event has beside its fields. */
const HEADER = 'ChangeEventHeader';

const KINDS: Readonly<Record<string, readonly FieldKind[]>> = {
  null: [],
  string: ['text'],
  enum: ['text'],
  boolean: ['boolean'],
  bytes: ['bytes'],
  fixed: ['bytes'],
  array: ['list'],
  record: ['compound'],
  map: ['compound'],
  ...{ int: ['number'], long: ['number'], float: ['number'], double: ['number'] },
};

/**
 * Reads the fields of a schema.
 *
 * @param json - The Avro schema of the events.
 */
export function schemaFieldsOf(json: string): SchemaFields {
  const { name: event = '', fields = [] } = JSON.parse(json) as AvroType;
  const definitions: Definitions = new Map();
  return {
    event,
    fields: fieldsIn(
      fields.filter(({ name }) => name !== HEADER),
      definitions,
    ),
  };
}

/** The field at a path: a name, or `Compound.Child`. */
export function fieldAt({ fields }: SchemaFields, path: string): SchemaField | undefined {
  const [root = '', part] = path.split('.');
  const field = fields.get(root);
  return part === undefined ? field : field?.parts.get(part);
}

/**
 * The fields at some paths, as the values of a record have them. A value that is null or missing can be of any kind.
 *
 * @param paths - Names, or `Compound.Child`.
 */
export function fieldsInData(data: object, paths: readonly string[]): SchemaFields {
  const fields = new Map<string, SchemaField & { readonly parts: Map<string, SchemaField> }>();
  for (const path of paths) {
    const [root = '', part] = path.split('.');
    const value = ownField(data, root);
    const field = fields.get(root) ?? { kinds: kindsOfValue(value), dataType: '', parts: new Map() };
    fields.set(root, field);
    if (part === undefined) continue;
    const inner = typeof value === 'object' && value !== null ? ownField(value, part) : undefined;
    field.parts.set(part, { kinds: kindsOfValue(inner), dataType: '', parts: new Map() });
  }
  return { event: 'the record', fields };
}

const KIND_OF_TYPE: Readonly<Record<string, FieldKind>> = {
  ...{ string: 'text', number: 'number', bigint: 'number', boolean: 'boolean' },
};

function kindsOfValue(value: unknown): readonly FieldKind[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return ['list'];
  return [KIND_OF_TYPE[typeof value] ?? 'compound'];
}

function fieldsIn(fields: readonly AvroField[], definitions: Definitions): ReadonlyMap<string, SchemaField> {
  return new Map(fields.map((field) => [field.name, fieldOf(field, definitions)]));
}

/** The documentation of a field begins with its origin and its data type: `Data:DateTime`. */
function fieldOf({ type, doc = '' }: AvroField, definitions: Definitions): SchemaField {
  const branches = (Array.isArray(type) ? type : [type]).map((branch) => definitionOf(branch, definitions));
  return {
    kinds: [...new Set(branches.flatMap(({ type: kind }) => KINDS[String(kind)] ?? []))],
    dataType: doc.split(':')[1] ?? '',
    parts: fieldsIn(
      branches.flatMap(({ fields = [] }) => fields),
      definitions,
    ),
  };
}

/** Another field may have had the same compound, which is known by its name from there on. */
function definitionOf(type: unknown, definitions: Definitions): AvroType {
  if (typeof type === 'string') return definitions.get(shortName(type)) ?? { type };
  const given = Object(type) as AvroType;
  if (given.name !== undefined) definitions.set(shortName(given.name), given);
  return given;
}

function shortName(name: string): string {
  return name.split('.').at(-1) ?? name;
}

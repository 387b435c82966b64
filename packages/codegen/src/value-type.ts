import type { EventSchema } from '@rxforce/core/codec';
import { isPickList, isTime } from './field-doc.js';

/** The type of a decoded value, in TypeScript's terms, for a type of the schema. */
export type ValueType =
  | { readonly type: 'keyword'; readonly text: 'null' | 'boolean' | 'number' | 'bigint' | 'string' | 'Uint8Array' }
  /** A text with one value of a pick list, or several. */
  | { readonly type: 'pick-list'; readonly path: string }
  | { readonly type: 'array'; readonly items: ValueType }
  | { readonly type: 'map'; readonly values: ValueType }
  | { readonly type: 'union'; readonly branches: readonly ValueType[] }
  /** A type that the schema names, such as an address. */
  | { readonly type: 'named'; readonly definition: NamedType };

/** A type that a schema defines once, and then refers to by its name. */
export type NamedType =
  | { readonly kind: 'record'; readonly name: string; readonly fields: readonly FieldType[] }
  | { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] };

/** A field of an event, or of a compound. */
export interface FieldType {
  /** API name. */
  readonly name: string;
  /** The schema's documentation of the field. */
  readonly doc: string | undefined;
  readonly type: ValueType;
}

/**
 * A type of a parsed schema. Its `typeName` says which type it is: the classes of the Avro library are private to core.
 */
type AvroType = EventSchema['type'];

/** A field of a record of a schema, with its documentation. */
export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly doc?: string;
}

/** The parts of types beside their names; each type has some of them. */
interface AvroTypeParts {
  readonly fields: readonly AvroField[];
  readonly symbols: readonly string[];
  readonly itemsType: AvroType;
  readonly valuesType: AvroType;
  /** The members of a union. */
  readonly types: readonly AvroType[];
}

/**
 * The fields of a record.
 *
 * @param owner - The beginning of pick list paths: `Account` in `Account.Industry`. Without it, as in an address that
 * several fields share, pick lists are texts.
 */
export function fieldTypes(fields: readonly AvroField[], owner?: string): readonly FieldType[] {
  return fields.map(({ name, type, doc }) => {
    const path = owner !== undefined && isPickList(doc) ? `${owner}.${name}` : undefined;
    return { name, doc, type: valueType(type, { isTime: isTime(doc), path }) };
  });
}

/** The last part of a full name. */
export function shortName(name: string | undefined): string {
  return name?.slice(name.lastIndexOf('.') + 1) ?? '';
}

/** The facts about a field's values from its documentation. */
interface FieldFacts {
  readonly isTime: boolean;
  /** The path of the pick list with the values. */
  readonly path: string | undefined;
}

function valueType(type: AvroType, facts: FieldFacts): ValueType {
  const { fields, symbols, itemsType, valuesType, types } = type as AvroType & AvroTypeParts;
  switch (type.typeName) {
    case 'union:wrapped':
    case 'union:unwrapped':
      return unionOf(types.map((branch) => valueType(branch, facts)));
    case 'record':
    case 'error':
      return { type: 'named', definition: { kind: 'record', name: shortName(type.name), fields: fieldTypes(fields) } };
    case 'enum':
      return { type: 'named', definition: { kind: 'enum', name: shortName(type.name), symbols } };
    case 'array':
      return { type: 'array', items: valueType(itemsType, facts) };
    case 'map':
      return { type: 'map', values: valueType(valuesType, facts) };
    default:
      return primitive(type.typeName, facts);
  }
}

function primitive(typeName: string, { isTime, path }: FieldFacts): ValueType {
  switch (typeName) {
    case 'null':
    case 'boolean':
      return { type: 'keyword', text: typeName };
    case 'string':
      return path === undefined ? { type: 'keyword', text: 'string' } : { type: 'pick-list', path };
    case 'bytes':
    case 'fixed':
      return { type: 'keyword', text: 'Uint8Array' };
    case 'long':
    case 'abstract:long':
      // The decoder returns a bigint only beyond 2^53, and no date is that far away.
      return isTime ? NUMBER : unionOf([NUMBER, { type: 'keyword', text: 'bigint' }]);
    default:
      return NUMBER;
  }
}

const NUMBER: ValueType = { type: 'keyword', text: 'number' };

function unionOf(branches: readonly ValueType[]): ValueType {
  const flat = branches.flatMap((branch) => (branch.type === 'union' ? branch.branches : [branch]));
  return { type: 'union', branches: flat };
}

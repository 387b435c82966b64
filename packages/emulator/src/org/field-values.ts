import { ConfigurationError } from '@rxforce/core/model';
import { childNames, childType, type EntityModel, fieldNamed } from './entity-model.js';
import { type CompoundField, isCustomCheckbox, type ScalarField, type ScalarType } from './field.js';
import type { ScalarValue } from './values.js';

/** The input for a field without parts; `null` empties the field, and unchecks a custom checkbox. */
export type ScalarInput = ScalarValue | Date | null;

/** The input for a field. For a compound, an object with the parts to set. */
export type FieldInput = ScalarInput | Readonly<Record<string, ScalarInput>>;

/** Values for a record, by API names. */
export type RecordInput = Readonly<Record<string, FieldInput>>;

/** One field set to a value, or to null. */
export interface FieldChange {
  /** The field's place in the schema, the header being at 0. */
  readonly position: number;
  /** The place inside the compound, where only a part of it is set. */
  readonly child?: number;
  readonly value: ScalarValue | null;
  /** The diff that is sent instead of a large text. */
  readonly diff?: string;
}

/**
 * Turns a caller's values into changes of single fields.
 *
 * @throws `ConfigurationError` when a field is unknown, can only be written by the org, or its value has the wrong
 * type.
 */
export function readInput(entity: EntityModel, input: RecordInput): FieldChange[] {
  return Object.entries(input).flatMap(([name, value]) => {
    const { field, position } = fieldNamed(entity, name);
    if (field.kind === 'scalar') return [{ position, value: readField(entity, field, value) }];
    return readCompound(entity, field, position, value);
  });
}

function readField(entity: EntityModel, field: ScalarField, value: FieldInput): ScalarValue | null {
  const path = `${entity.definition.name}.${field.name}`;
  if (field.system) throw new ConfigurationError(`${path} is written by the org alone. Leave it out.`);
  return value === null && isCustomCheckbox(field) ? false : readScalar(path, field.type, value);
}

function readCompound(entity: EntityModel, field: CompoundField, position: number, value: FieldInput): FieldChange[] {
  const path = `${entity.definition.name}.${field.name}`;
  if (value === null) return [{ position, value }];
  if (typeof value === 'string' && field.type === 'Switchable_PersonName') return [{ position, value }];
  if (typeof value !== 'object' || value instanceof Date) {
    throw wrongType(path, `an object with some of ${childNames(field).join(', ')}`, value);
  }
  return Object.entries(value).map(([name, part]) => {
    const type = childType(field, name);
    if (type === undefined) {
      throw new ConfigurationError(`${path} has no field "${name}". It has ${childNames(field).join(', ')}.`);
    }
    return { position, child: childNames(field).indexOf(name), value: readScalar(`${path}.${name}`, type, part) };
  });
}

function readScalar(path: string, type: ScalarType, value: FieldInput): ScalarValue | null {
  if (value === null) return null;
  const plain = value instanceof Date ? value.getTime() : value;
  if (typeof plain === 'object' || !isOfType(type, plain)) throw wrongType(path, EXPECTED[type], value);
  return plain;
}

const EXPECTED: Readonly<Record<ScalarType, string>> = {
  string: 'a string',
  double: 'a finite number',
  int: 'a whole number of 32 bits',
  long: 'a Date or whole milliseconds since 1970',
  boolean: 'true or false',
};

function isOfType(type: ScalarType, value: ScalarValue): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'double':
      return Number.isFinite(value);
    case 'int':
      return typeof value === 'number' && (value | 0) === value;
    case 'long':
      return Number.isSafeInteger(value);
  }
}

function wrongType(path: string, expected: string, value: FieldInput | undefined): ConfigurationError {
  return new ConfigurationError(`${path} takes ${expected} or null, and was given ${JSON.stringify(value)}.`);
}

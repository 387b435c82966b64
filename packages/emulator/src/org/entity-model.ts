import { ConfigurationError } from '@rxforce/core/model';
import type { Topic } from '../bus/topic.js';
import type { EntityDefinition } from './entity.js';
import type { EventEncoder } from './event-encoder.js';
import { COMPOUND_TYPES, type CompoundField, type Field, type ScalarType } from './field.js';

/** A field with its place in the schema, the header being at 0. */
export interface PlacedField {
  readonly field: Field;
  readonly position: number;
}

/** An object of a running org: its table of fields, looked up by name, and where its change events go. */
export interface EntityModel {
  readonly definition: EntityDefinition;
  readonly fields: ReadonlyMap<string, PlacedField>;
  readonly schemaId: string;
  readonly encoder: EventEncoder;
  /** The object's own topic, and the channel of all objects. */
  readonly topics: readonly Topic[];
}

/** Gives the fields of an object their positions in the schema. */
export function placeFields(definition: EntityDefinition): Map<string, PlacedField> {
  return new Map(definition.fields.map((field, index) => [field.name, { field, position: index + 1 }]));
}

/** The field at a position of the schema. */
export function fieldAt(entity: EntityModel, position: number): Field {
  const field = entity.definition.fields[position - 1];
  if (field === undefined) throw new RangeError(`${entity.definition.name} has no field at position ${position}.`);
  return field;
}

/** Names of a compound field's own fields, in order. */
export function childNames(field: CompoundField): string[] {
  return Object.keys(COMPOUND_TYPES[field.type]);
}

/** The encoding of a field inside a compound; `undefined` where there is no field of that name. */
export function childType(field: CompoundField, name: string): ScalarType | undefined {
  const types: Readonly<Record<string, ScalarType>> = COMPOUND_TYPES[field.type];
  return Object.hasOwn(types, name) ? types[name] : undefined;
}

/** The field of that name. */
export function fieldNamed(entity: EntityModel, name: string): PlacedField {
  const placed = entity.fields.get(name);
  if (placed === undefined) {
    const { name: entityName, fields } = entity.definition;
    throw new ConfigurationError(
      `${entityName} has no field "${name}". Its fields are ${fields.map((field) => field.name).join(', ')}. ` +
        'Fields inside a compound are given as an object, such as { BillingAddress: { City: "Berlin" } }.',
    );
  }
  return placed;
}

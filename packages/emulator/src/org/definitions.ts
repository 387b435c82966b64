import { ConfigurationError } from '@rxforce/core/model';
import { readOptions, suggestion, wrong } from '../model/option-checks.js';
import {
  checkName,
  CUSTOM_FIELD_TYPES,
  PLATFORM_EVENT_FIELD_TYPES,
  type PlatformEventFieldType,
} from './custom-definitions.js';
import { type CustomFieldType, customFields, type Field } from './field.js';

/** The name of a type in Setup and the Metadata API, where the name in schemas differs. */
export type MetadataTypeName =
  | 'AutoNumber'
  | 'Checkbox'
  | 'Date'
  | 'ExternalLookup'
  | 'Geolocation'
  | 'Html'
  | 'LongTextArea'
  | 'Lookup'
  | 'MasterDetail'
  | 'MultiselectPicklist'
  | 'Number'
  | 'Picklist'
  | 'TextArea'
  | 'Time';

/** The type names of Setup and the Metadata API, where the name in schemas differs. */
const METADATA_TYPES = {
  AutoNumber: 'Text',
  Checkbox: 'Boolean',
  Date: 'DateOnly',
  ExternalLookup: 'ExternalId',
  Geolocation: 'Location',
  Html: 'HtmlStringPlusClob',
  LongTextArea: 'StringPlusClob',
  Lookup: 'EntityId',
  MasterDetail: 'EntityId',
  MultiselectPicklist: 'MultiEnum',
  Number: 'Double',
  Picklist: 'DynamicEnum',
  TextArea: 'Text',
  Time: 'TimeOnly',
} as const satisfies Readonly<Record<MetadataTypeName, CustomFieldType>>;

/** The name of a field's type, as in schemas (`Double`) or as in the Metadata API (`Number`). */
export type FieldTypeName = CustomFieldType | MetadataTypeName;

/** The fields of an object or of a platform event. */
export interface FieldsDefinition {
  /**
   * API names with types, in the order of the schema. The names of new fields end with `__c`. Fields that an existing
   * object or event already has stay unchanged.
   *
   * @defaultValue None.
   */
  readonly fields?: Readonly<Record<string, FieldTypeName>>;
}

/** Your own objects and platform events, by API name. */
export interface Definitions {
  /**
   * New ones have names that end with `__c`; existing ones get the fields that they lack.
   *
   * @defaultValue None.
   */
  readonly objects?: Readonly<Record<string, FieldsDefinition>>;
  /**
   * New ones have names that end with `__e`; existing ones get the fields that they lack. Fields are texts, long texts,
   * numbers, checkboxes, dates or date-times.
   *
   * @defaultValue None.
   */
  readonly events?: Readonly<Record<string, FieldsDefinition>>;
}

/** The additions to an org. */
export interface DefinitionPlan {
  readonly objects: readonly PlannedFields<CustomFieldType>[];
  readonly events: readonly PlannedFields<PlatformEventFieldType>[];
}

/** An object or event to add, or to add fields to. */
export interface PlannedFields<Type> {
  readonly name: string;
  readonly isNew: boolean;
  /** The fields that it lacks. */
  readonly fields: Readonly<Record<string, Type>>;
}

/** The existing definitions of an org, by API name. */
export interface ExistingDefinitions {
  readonly objects: ReadonlyMap<string, readonly Field[]>;
  readonly events: ReadonlyMap<string, readonly Field[]>;
}

/** The name, suffix and field types of one of the two kinds. */
interface Kind<Type extends CustomFieldType> {
  readonly noun: string;
  readonly suffix: '__c' | '__e';
  readonly types: readonly Type[];
}

const OBJECT: Kind<CustomFieldType> = { noun: 'an object', suffix: '__c', types: CUSTOM_FIELD_TYPES };
const EVENT: Kind<PlatformEventFieldType> = {
  noun: 'a platform event',
  suffix: '__e',
  types: PLATFORM_EVENT_FIELD_TYPES,
};

/**
 * Reads definitions from any source, and returns what they add to an org.
 *
 * @param source - The source of the definitions for messages, such as a file.
 * @throws `ConfigurationError` when anything in them is not valid. The message names the place, and what was probably
 * meant.
 */
export function planDefinitions(source: string, input: unknown, existing: ExistingDefinitions): DefinitionPlan {
  const { objects = {}, events = {} } = readOptions<Unread<Definitions>>(source, input, {
    objects: asItIs,
    events: asItIs,
  });
  return {
    objects: planKind(OBJECT, `${source}: objects`, objects, existing.objects),
    events: planKind(EVENT, `${source}: events`, events, existing.events),
  };
}

function planKind<Type extends CustomFieldType>(
  kind: Kind<Type>,
  path: string,
  input: unknown,
  existing: ReadonlyMap<string, readonly Field[]>,
): PlannedFields<Type>[] {
  const known = [...existing.keys()];
  return entriesOf(path, 'an object of API names and definitions', input).map(([name, definition]) => {
    const own = existing.get(name);
    if (own === undefined) {
      checkNewName(kind, path, name, known);
      known.push(name);
    }
    const { fields = {} } = readOptions<Unread<FieldsDefinition>>(`${path}.${name}`, definition, { fields: asItIs });
    return { name, isNew: own === undefined, fields: newFields(kind, `${path}.${name}.fields`, fields, own ?? []) };
  });
}

function checkNewName({ noun, suffix }: Kind<CustomFieldType>, path: string, name: string, known: string[]): void {
  if (!name.endsWith(suffix)) {
    throw new ConfigurationError(
      `${path}: the emulated org has no "${name}", and ${noun} that is added has a name that ends with "${suffix}".` +
        suggestion(name, known),
    );
  }
  checkName(noun, name, suffix, path);
  checkCase(path, name, known);
}

function newFields<Type extends CustomFieldType>(
  kind: Kind<Type>,
  path: string,
  input: unknown,
  existing: readonly Field[],
): Record<string, Type> {
  const known = new Map(existing.map((field) => [field.name, field]));
  const fields: Record<string, Type> = {};
  for (const [name, given] of entriesOf(path, 'an object of field names and types', input)) {
    const type = typeNamed(kind, `${path}.${name}`, given);
    const there = known.get(name);
    if (there === undefined) {
      checkName('a field', name, '__c', path);
      checkCase(path, name, [...known.keys(), ...Object.keys(fields)]);
      fields[name] = type;
    } else {
      checkSameType(`${path}.${name}`, there, name, type);
    }
  }
  return fields;
}

function typeNamed<Type extends CustomFieldType>({ types }: Kind<Type>, path: string, given: unknown): Type {
  const aliases = Object.entries(METADATA_TYPES).filter(([, type]) => types.some((each) => each === type));
  const wanted = aliases.find(([alias]) => alias === given)?.[1] ?? given;
  const type = types.find((each) => each === wanted);
  if (type === undefined) {
    const names = [...types, ...aliases.map(([alias]) => alias)].sort();
    throw wrong(path, `one of ${names.join(', ')}`, given, names);
  }
  return type;
}

function checkSameType(path: string, there: Field, name: string, type: CustomFieldType): void {
  const [wanted] = customFields(0, { [name]: type });
  const kindOf = (field: Field | undefined) => field?.doc.split(':').slice(0, 2).join(':');
  if (kindOf(there) !== kindOf(wanted)) {
    throw new ConfigurationError(
      `${path} is there already as ${there.doc.split(':')[1] ?? ''}, and cannot become ${type}. Take another name.`,
    );
  }
}

/** For Salesforce, names that differ only in case are the same. */
function checkCase(path: string, name: string, known: readonly string[]): void {
  const other = known.find((each) => each.toLowerCase() === name.toLowerCase());
  if (other !== undefined) {
    throw new ConfigurationError(`${path}: "${name}" differs from "${other}" in case alone. Write it as that one.`);
  }
}

function entriesOf(path: string, expected: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, expected, value);
  return Object.entries(value);
}

/** Options with known names and unchecked values. */
type Unread<T> = Record<keyof T, unknown>;

function asItIs(_path: string, value: unknown): unknown {
  return value;
}

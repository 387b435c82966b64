import { ConfigurationError } from '@rxforce/core/model';
import { readOptions, suggestion, wrong } from '../model/option-checks.js';
import {
  checkName,
  CUSTOM_FIELD_TYPES,
  PLATFORM_EVENT_FIELD_TYPES,
  type PlatformEventFieldType,
} from './custom-definitions.js';
import { type CustomFieldType, customFields, type Field } from './field.js';

/** The name of a type as Setup and the Metadata API have it, where a schema has another one. */
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

/** Types as Setup and the Metadata API name them, where a schema has another name. */
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

/** The name of a field's type: as schemas have it (`Double`), or as the Metadata API has (`Number`). */
export type FieldTypeName = CustomFieldType | MetadataTypeName;

/** The fields of an object or of a platform event. */
export interface FieldsDefinition {
  /**
   * API names with types, in the order of the schema. New fields' names end with `__c`. Of an object or event that is
   * there, fields that it has already are left as they are.
   *
   * @defaultValue None.
   */
  readonly fields?: Readonly<Record<string, FieldTypeName>>;
}

/** Objects and platform events of one's own, by API name. */
export interface Definitions {
  /**
   * New ones have names that end with `__c`; those that are there get the fields that they have not.
   *
   * @defaultValue None.
   */
  readonly objects?: Readonly<Record<string, FieldsDefinition>>;
  /**
   * New ones have names that end with `__e`; those that are there get the fields that they have not. Fields are texts,
   * long texts, numbers, checkboxes, dates or date-times.
   *
   * @defaultValue None.
   */
  readonly events?: Readonly<Record<string, FieldsDefinition>>;
}

/** What is to be added to an org. */
export interface DefinitionPlan {
  readonly objects: readonly PlannedFields<CustomFieldType>[];
  readonly events: readonly PlannedFields<PlatformEventFieldType>[];
}

/** An object or event to be added, or to be given fields. */
export interface PlannedFields<Type> {
  readonly name: string;
  readonly isNew: boolean;
  /** Those that it has not yet. */
  readonly fields: Readonly<Record<string, Type>>;
}

/** What an org has, by API name. */
export interface ExistingDefinitions {
  readonly objects: ReadonlyMap<string, readonly Field[]>;
  readonly events: ReadonlyMap<string, readonly Field[]>;
}

/** What one of the two kinds is called, ends with and may contain. */
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
 * Reads definitions, whatever they come from, and says what they add to an org.
 *
 * @param source - Where they come from, such as a file, for messages.
 * @throws `ConfigurationError` when anything in them is not valid. It says where that stands, and what was probably meant.
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

/** To Salesforce, names that differ in case alone are the same. */
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

/** Options whose names are known, and nothing else. */
type Unread<T> = Record<keyof T, unknown>;

function asItIs(_path: string, value: unknown): unknown {
  return value;
}

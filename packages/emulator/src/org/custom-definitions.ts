import { ConfigurationError } from '@rxforce/core/model';
import { type Check, oneOf, readOptions, wrong } from '../model/option-checks.js';
import type { EntityDefinition } from './entity.js';
import {
  auditFields,
  type CustomFieldType,
  customFields,
  data,
  DATA_TYPES,
  type DataType,
  reference,
} from './field.js';
import { base62 } from '../model/record-ids.js';

/**
 * The types of a platform event's fields, as the service names them: numbers are `Double`, long texts `StringPlusClob`.
 */
export const PLATFORM_EVENT_FIELD_TYPES = [
  'Text',
  'StringPlusClob',
  'Double',
  'Boolean',
  'DateOnly',
  'DateTime',
] as const satisfies readonly DataType[];

/** One of the types of a platform event's fields. */
export type PlatformEventFieldType = (typeof PLATFORM_EVENT_FIELD_TYPES)[number];

/** The definition of a new object. */
export interface ObjectOptions {
  /**
   * Its own fields, API names with types, in the order of the schema. Names end with `__c`. Owner, name and the four
   * fields that only the org writes come before them.
   *
   * @defaultValue None.
   */
  readonly fields?: Readonly<Record<string, CustomFieldType>>;
}

/** The types of a custom object's fields. */
export const CUSTOM_FIELD_TYPES: readonly CustomFieldType[] = [...(Object.keys(DATA_TYPES) as DataType[]), 'Location'];
/** A developer name: letters, digits and single underscores. */
const DEVELOPER_NAME = '[A-Za-z](?:_?[A-Za-z\\d])*';

/**
 * The definition of an object that a user of the emulator adds.
 *
 * @param number - The number of the object, from 0; its key prefix is made from it.
 * @param firstFieldId - Number of the first field's id; the next ones count on.
 * @throws `ConfigurationError` when its name, a field's name or type, or an option is not valid.
 */
export function customObject(
  name: string,
  options: ObjectOptions,
  number: number,
  firstFieldId: number,
): EntityDefinition {
  checkName('an object', name, '__c');
  const { fields = {} } = readOptions<ObjectOptions>(`createObject("${name}")`, options, {
    fields: (path, value) => (value === undefined ? {} : fieldTypes(path, value, oneOf(CUSTOM_FIELD_TYPES))),
  });
  return {
    name,
    // a00 is the prefix of the org's own custom object.
    keyPrefix: `a${base62(number + 1).padStart(2, '0')}`,
    defaults: {},
    fields: [reference('OwnerId'), data('Name', 'Text'), ...auditFields(), ...customFields(firstFieldId, fields)],
  };
}

/**
 * Checks the fields of a platform event that a user of the emulator adds.
 *
 * @throws `ConfigurationError` when its name, or a field's name or type, is not valid.
 */
export function checkPlatformEvent(name: string, fields: unknown): Readonly<Record<string, PlatformEventFieldType>> {
  checkName('a platform event', name, '__e');
  return fieldTypes(`createPlatformEvent("${name}")`, fields, oneOf(PLATFORM_EVENT_FIELD_TYPES));
}

function fieldTypes<T>(path: string, value: unknown, type: Check<T>): Readonly<Record<string, T>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(path, 'an object of field names and types', value);
  }
  const read = Object.entries(value).map(([name, each]) => {
    checkName('a field', name, '__c');
    return [name, type(`${path}: ${name}`, each)] as const;
  });
  return Object.fromEntries(read);
}

/**
 * Checks an API name.
 *
 * @param what - The named thing, for the message.
 * @param path - The place of the name, for the message; none by default.
 * @throws `ConfigurationError` when it is not a developer name followed by the suffix.
 */
export function checkName(what: string, name: string, suffix: '__c' | '__e' | '__chn', path?: string): void {
  if (!new RegExp(`^${DEVELOPER_NAME}${suffix}$`).test(name)) {
    const example = new RegExp(`^${DEVELOPER_NAME}$`).test(name) ? name : 'Thing';
    throw new ConfigurationError(
      `${path === undefined ? '' : `${path}: `}"${name}" cannot be the name of ${what}. Take letters, digits and ` +
        `single underscores, with "${suffix}" at the end, such as "${example}${suffix}".`,
    );
  }
}

import { customFields, type Field } from './field.js';

/** An object of the org, by its table of fields. */
export interface EntityDefinition {
  /** API name, such as `Account` or `Project__c`. */
  readonly name: string;
  /** First three characters of its records' ids. */
  readonly keyPrefix: string;
  /** Its fields, in the order of the schema, without the header. */
  readonly fields: readonly Field[];
  /** The values that the org fills in where a new record has none. */
  readonly defaults: Readonly<Record<string, string | number | boolean>>;
}

/** Number of the first id of fields that are added while the org runs. */
const FIRST_ADDED_FIELD = 90_000;
const ADDED_FIELD = /^Added_\d+__c$/;

/** The next unnamed field of an object, a text. */
export function addedField({ fields }: EntityDefinition): Field[] {
  const number = 1 + fields.filter(({ name }) => ADDED_FIELD.test(name)).length;
  return customFields(FIRST_ADDED_FIELD + number, { [`Added_${number}__c`]: 'Text' });
}

/** Inserts fields in the middle, because schemas do not grow at their ends. */
export function withFieldsInMiddle(fields: readonly Field[], added: readonly Field[]): Field[] {
  const middle = fields.length >>> 1;
  return [...fields.slice(0, middle), ...added, ...fields.slice(middle)];
}

/** The name of an object's change events: `AccountChangeEvent`, `Project__ChangeEvent`. */
export function changeEventName(entityName: string): string {
  return `${entityName.replace(/__c$/, '__')}ChangeEvent`;
}

import type { Field } from './field.js';

/** An object of the org, by its table of fields. */
export interface EntityDefinition {
  /** API name, such as `Account` or `Project__c`. */
  readonly name: string;
  /** First three characters of its records' ids. */
  readonly keyPrefix: string;
  /** In the order of the schema, without the header. */
  readonly fields: readonly Field[];
  /** What the org fills in where a new record has no value. */
  readonly defaults: Readonly<Record<string, string | number | boolean>>;
}

/** The name of an object's change events: `AccountChangeEvent`, `Project__ChangeEvent`. */
export function changeEventName(entityName: string): string {
  return `${entityName.replace(/__c$/, '__')}ChangeEvent`;
}

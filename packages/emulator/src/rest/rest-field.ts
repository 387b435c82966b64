import type { QueryField } from '../soql/queryable.js';
import type { FieldType } from './field-types.js';

/** Where a record of the org has the value of a field. */
export type FieldPlace =
  | { readonly type: 'id' }
  /** Whether the record is deleted. */
  | { readonly type: 'deleted' }
  /** A field of the record; a compound one as a whole. */
  | { readonly type: 'field'; readonly field: string }
  /** A field inside a compound. */
  | { readonly type: 'part'; readonly field: string; readonly part: string }
  /** The parts of a person's name in one text; or the text itself, where it is a company's. */
  | { readonly type: 'full-name'; readonly field: string };

/** A field as the REST API shows it: flat, where the org's may be a compound. */
export interface RestField extends QueryField {
  readonly label: string;
  readonly type: FieldType;
  readonly place: FieldPlace;
  readonly createable: boolean;
  readonly updateable: boolean;
  /** Whether a new record must have a value for it, and no update may take it away. */
  readonly required: boolean;
  /** Whether the org fills it in, where a new record has no value. */
  readonly defaulted: boolean;
  /** The compound that it is a part of. */
  readonly compound: string | undefined;
  /** Whether records can be named by it: custom texts, numbers and e-mail addresses. */
  readonly externalId: boolean;
  /** The way to another object, for a field that holds the ids of its records. */
  readonly reference: FieldReference | undefined;
}

/** What the ids in a field are of. */
export interface FieldReference {
  /** API names of the objects, which may be none that this org has. */
  readonly to: readonly string[];
  /** What the way there is called in a query. */
  readonly relationship: string;
}

/** What a new field is; the rest follows from it. */
export type FieldDraft = Pick<RestField, 'name' | 'type' | 'place'> & Partial<RestField>;

/** A field, with what most fields are where the draft does not say. */
export function restField(draft: FieldDraft): RestField {
  const { name, type } = draft;
  return {
    kind: type.kind,
    filterable: type.filterable,
    sortable: type.sortable,
    custom: /__[cs]$/.test(name),
    label: labelOf(name),
    createable: true,
    updateable: true,
    required: false,
    defaulted: false,
    compound: undefined,
    externalId: false,
    reference: undefined,
    ...draft,
  };
}

/** `Billing Postal Code` of `BillingPostalCode`, `Key Account` of `Key_Account__c`. */
export function labelOf(name: string): string {
  return name
    .replace(/__[a-z]+$/, '')
    .replace(/_+/g, ' ')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .replace(/(?<=\w) Id$/, ' ID');
}

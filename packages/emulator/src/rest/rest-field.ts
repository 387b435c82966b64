import type { QueryField } from '../soql/queryable.js';
import type { FieldType } from './field-types.js';

/** The place of a field's value in a record of the org. */
export type FieldPlace =
  | { readonly type: 'id' }
  /** Whether the record is deleted. */
  | { readonly type: 'deleted' }
  /** When the org touched the record last, with or without a change. */
  | { readonly type: 'modstamp' }
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

/** The objects of the ids in a field. */
export interface FieldReference {
  /** API names of the objects, which this org may lack. */
  readonly to: readonly string[];
  /** The name of the relationship in a query. */
  readonly relationship: string;
}

/** The definition of a new field; the rest follows from it. */
export type FieldDraft = Pick<RestField, 'name' | 'type' | 'place'> & Partial<RestField>;

/** A field, with usual values where the draft has none. */
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

import type { EntityDefinition } from '../org/entity.js';
import type { CompoundField, Field, ScalarField } from '../org/field.js';
import {
  COMPOUND_FIELD_TYPES,
  FIELD_TYPES,
  type FieldType,
  ID_TYPE,
  PART_TYPES,
  REFERENCE_TYPE,
  text,
} from './field-types.js';
import { type FieldDraft, type FieldReference, type RestField, restField } from './rest-field.js';

/** Fields that Salesforce requires in a new record. */
const REQUIRED: ReadonlyMap<string, readonly string[]> = new Map([
  ['Account', ['Name']],
  ['Contact', ['LastName']],
  ['Lead', ['LastName', 'Company']],
  ['Opportunity', ['Name', 'StageName', 'CloseDate']],
]);
/** The objects of ids in standard fields, where the field's name does not say. */
const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['OwnerId', 'User'],
  ['CreatedById', 'User'],
  ['LastModifiedById', 'User'],
  ['ReportsToId', 'Contact'],
  ['PersonContactId', 'Contact'],
]);
const MAX_FULL_NAME = 255;
/** Custom fields of these types can name records. */
const EXTERNAL_ID_TYPES = new Set(['string', 'email', 'double']);

/** The fields of an object as the REST API shows them: the id first, compounds in their parts and as a whole. */
export function orgFields(definition: EntityDefinition): RestField[] {
  const readOnly = { createable: false, updateable: false };
  const required = REQUIRED.get(definition.name) ?? [];
  const drafts: FieldDraft[] = [
    { name: 'Id', type: ID_TYPE, place: { type: 'id' }, defaulted: true, ...readOnly },
    { name: 'IsDeleted', type: FIELD_TYPES.Boolean, place: { type: 'deleted' }, defaulted: true, ...readOnly },
    ...definition.fields.flatMap((field) => draftsOf(field, definition)),
    { name: 'SystemModstamp', type: FIELD_TYPES.DateTime, place: { type: 'modstamp' }, defaulted: true, ...readOnly },
  ];
  return drafts.map((draft) => restField({ ...draft, required: required.includes(draft.name) }));
}

function draftsOf(field: Field, definition: EntityDefinition): FieldDraft[] {
  return field.kind === 'scalar' ? [scalarDraft(field, definition)] : compoundDrafts(field);
}

function scalarDraft({ name, doc, system }: ScalarField, { name: object, defaults }: EntityDefinition): FieldDraft {
  const type = typeOf(doc);
  const reference = type === REFERENCE_TYPE ? referenceOf(name, object) : undefined;
  return {
    name,
    type,
    place: { type: 'field', field: name },
    createable: !system,
    updateable: !system,
    defaulted: system || name === 'OwnerId' || type.kind === 'boolean' || Object.hasOwn(defaults, name),
    externalId: name.endsWith('__c') && EXTERNAL_ID_TYPES.has(type.type),
    reference,
  };
}

/** The type that a `doc` names, which is the role of a field, its type, and for a custom field its id. */
export function typeOf(doc: string): FieldType {
  const type = doc.split(':')[1] ?? '';
  const types: Readonly<Record<string, FieldType>> = FIELD_TYPES;
  return types[type] ?? FIELD_TYPES.Text;
}

/** The reference that follows from the name of a standard field; the name of a custom field does not give one. */
function referenceOf(name: string, object: string): FieldReference {
  if (name.endsWith('__c')) return { to: [], relationship: name.replace(/__c$/, '__r') };
  const relationship = name.replace(/Id$/, '');
  const to = REFERENCES.get(name) ?? (name === 'ParentId' ? object : relationship.replace(/^Converted/, ''));
  return { to: [to], relationship };
}

function compoundDrafts(field: CompoundField): FieldDraft[] {
  const { name, type } = field;
  const whole: FieldDraft =
    type === 'Address' || type === 'Location'
      ? {
          name,
          type: COMPOUND_FIELD_TYPES[type],
          place: { type: 'field', field: name },
          createable: false,
          updateable: false,
        }
      : nameDraft(name, type === 'Switchable_PersonName');
  const parts = Object.entries(PART_TYPES[type]).map(([part, partType]): FieldDraft => ({
    name: partName(field, part),
    type: partType,
    place: { type: 'part', field: name, part },
    compound: name,
  }));
  return [...parts, whole];
}

/** A company's name can be set; a person's is made of its parts. */
function nameDraft(name: string, settable: boolean): FieldDraft {
  const type = text('string', MAX_FULL_NAME);
  return { name, type, place: { type: 'full-name', field: name }, createable: settable, updateable: settable };
}

function partName({ name, type }: CompoundField, part: string): string {
  switch (type) {
    case 'Address':
      return `${name.replace(/Address$/, '')}${part}`;
    case 'Location':
      return `${name.replace(/__c$/, '')}__${part}__s`;
    case 'PersonName':
    case 'Switchable_PersonName':
      return part;
  }
}

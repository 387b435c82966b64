/** The content of a field's `doc` in a schema: `role:type`, and the field's id where it is a custom field. */
export interface FieldDoc {
  /** The role, such as `Data`, `ForeignKey` or `CreatedDate`. */
  readonly role: string;
  /** Salesforce's name of the data type, such as `Text` or `DynamicEnum`. */
  readonly dataType: string;
  /** Id of a custom field. */
  readonly fieldId: string | undefined;
}

/** Data types in words. Any other type keeps the name from the schema. */
const IN_WORDS: ReadonlyMap<string, string> = new Map([
  ['Address', 'Address'],
  ['Birthday', 'Date, in milliseconds since 1970'],
  ['Boolean', 'Checkbox'],
  ['Content', 'Text'],
  ['Currency', 'Amount of money'],
  ['DateOnly', 'Date, in milliseconds since 1970'],
  ['DateTime', 'Date and time, in milliseconds since 1970'],
  ['Double', 'Number'],
  ['DynamicEnum', 'Pick list'],
  ['Email', 'Email address'],
  ['EncryptedText', 'Encrypted text'],
  ['ExternalId', 'Id of something outside the org'],
  ['Fax', 'Fax number'],
  ['HtmlStringPlusClob', 'Rich text, in HTML; a unified diff where `header.diffFields` names it'],
  ['Integer', 'Whole number'],
  ['Location', 'Place on the map'],
  ['MultiEnum', 'Pick list of several values, with `;` between them'],
  ['Percent', 'Percentage'],
  ['PersonName', 'Name of a person'],
  ['Phone', 'Phone number'],
  ['StaticEnum', 'Pick list whose values the org cannot change'],
  ['StringPlusClob', 'Long text; a unified diff where `header.diffFields` names it'],
  ['Switchable_PersonName', 'Name: a text, or of a person its parts'],
  ['Text', 'Text'],
  ['TimeOnly', 'Time of day, in milliseconds'],
  ['Url', 'URL'],
]);

/** Ids are described by their role. */
const ID_BY_ROLE: ReadonlyMap<string, string> = new Map([
  ['ForeignKey', 'Id of another record'],
  ['CreatedBy', 'Id of the user who created it'],
]);

const TIME_TYPES: ReadonlySet<string> = new Set(['Birthday', 'DateOnly', 'DateTime', 'TimeOnly']);
const PICK_LIST_TYPES: ReadonlySet<string> = new Set(['DynamicEnum', 'MultiEnum', 'StaticEnum']);

/** Parses a `doc`; `undefined` for a text of another kind. */
export function parseFieldDoc(doc: string): FieldDoc | undefined {
  const [, role, dataType, fieldId] = /^(\w+):(\w+)(?::(\w+))?$/.exec(doc) ?? [];
  return role === undefined || dataType === undefined ? undefined : { role, dataType, fieldId };
}

/** Whether the field is a date or a time: a long that is always an exact number. */
export function isTime(doc: string | undefined): boolean {
  return TIME_TYPES.has(dataTypeOf(doc));
}

/** Whether the field is a pick list. */
export function isPickList(doc: string | undefined): boolean {
  return PICK_LIST_TYPES.has(dataTypeOf(doc));
}

/** A `doc` in words, for a comment. A text of another kind stays as it is. */
export function fieldDocInWords(doc: string): string {
  const parsed = parseFieldDoc(doc);
  if (parsed === undefined) return doc;
  const { role, dataType, fieldId } = parsed;
  const words = (dataType === 'EntityId' ? ID_BY_ROLE.get(role) : IN_WORDS.get(dataType)) ?? `${role}, ${dataType}`;
  return fieldId === undefined ? `${words}.` : `${words}. Custom field ${fieldId}.`;
}

function dataTypeOf(doc: string | undefined): string {
  return (doc === undefined ? undefined : parseFieldDoc(doc))?.dataType ?? '';
}

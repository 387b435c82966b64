import type { CompoundType, DataType } from '../org/field.js';
import type { FieldKind } from '../soql/queryable.js';

/** A type of fields as the REST API describes it. */
export interface FieldType {
  /** Salesforce's name for it. */
  readonly type: string;
  readonly soapType: string;
  readonly kind: FieldKind;
  /** Most characters of its values; 0 where they are not texts. */
  readonly length: number;
  /** Whether it may be used in a condition; long texts and compounds may not. */
  readonly filterable: boolean;
  /** Whether records can be ordered by it. */
  readonly sortable: boolean;
}

/** Longest plain text, in characters. */
const MAX_TEXT = 255;
const MAX_LONG_TEXT = 32_000;
const MAX_RICH_TEXT = 131_072;

/** A text of a type. */
export function text(type: string, length: number): FieldType {
  const filterable = length <= MAX_TEXT || type === 'multipicklist';
  return { type, soapType: 'xsd:string', kind: 'string', length, filterable, sortable: length <= MAX_TEXT };
}

function plain(type: string, kind: FieldKind, xsd: string = type): FieldType {
  return { type, soapType: `xsd:${xsd}`, kind, length: 0, filterable: true, sortable: true };
}

function compound(type: string): FieldType {
  return { type, soapType: `urn:${type}`, kind: 'compound', length: 0, filterable: false, sortable: false };
}

/** The id of the record itself. */
export const ID_TYPE: FieldType = { ...text('id', 18), soapType: 'tns:ID', kind: 'id' };
/** The id of another record. */
export const REFERENCE_TYPE: FieldType = { ...ID_TYPE, type: 'reference' };

/** The form of each of Salesforce's data types in the REST API. */
export const FIELD_TYPES: Readonly<Record<DataType, FieldType>> = {
  Text: text('string', MAX_TEXT),
  Phone: text('phone', 40),
  Url: text('url', MAX_TEXT),
  Email: text('email', 80),
  StaticEnum: text('picklist', MAX_TEXT),
  DynamicEnum: text('picklist', MAX_TEXT),
  MultiEnum: text('multipicklist', 4099),
  StringPlusClob: text('textarea', MAX_LONG_TEXT),
  HtmlStringPlusClob: text('textarea', MAX_RICH_TEXT),
  EncryptedText: { ...text('encryptedstring', 175), filterable: false, sortable: false },
  EntityId: REFERENCE_TYPE,
  ExternalId: text('string', 20),
  Double: plain('double', 'double'),
  Currency: plain('currency', 'double', 'double'),
  Percent: plain('percent', 'double', 'double'),
  Integer: plain('int', 'double'),
  DateTime: plain('datetime', 'dateTime', 'dateTime'),
  DateOnly: plain('date', 'date'),
  TimeOnly: plain('time', 'time'),
  Boolean: plain('boolean', 'boolean'),
};

/** The fields inside each compound, as in the REST API. */
export const PART_TYPES: Readonly<Record<CompoundType, Readonly<Record<string, FieldType>>>> = {
  Address: {
    Street: text('textarea', MAX_TEXT),
    City: text('string', 40),
    State: text('string', 80),
    PostalCode: text('string', 20),
    Country: text('string', 80),
    StateCode: text('picklist', 10),
    CountryCode: text('picklist', 10),
    Latitude: plain('double', 'double'),
    Longitude: plain('double', 'double'),
    GeocodeAccuracy: text('picklist', 40),
  },
  PersonName: personName(),
  Switchable_PersonName: personName(),
  Location: { Latitude: plain('double', 'double'), Longitude: plain('double', 'double') },
};

/** Addresses and locations as a whole. */
export const COMPOUND_FIELD_TYPES = { Address: compound('address'), Location: compound('location') } as const;

function personName(): Readonly<Record<string, FieldType>> {
  return { Salutation: text('picklist', 40), FirstName: text('string', 40), LastName: text('string', 80) };
}

/**
 * The vocabulary of field tables: the type of an object's field, and its form in a change event's schema.
 *
 * @packageDocumentation
 */

/** Avro's name for the encoding of a value. */
export type ScalarType = 'string' | 'double' | 'int' | 'long' | 'boolean';

/** Salesforce's data types, as named in a schema's `doc`, with the encoding of each. All dates and times are longs. */
export const DATA_TYPES = {
  Text: 'string',
  Phone: 'string',
  Url: 'string',
  Email: 'string',
  StaticEnum: 'string',
  DynamicEnum: 'string',
  MultiEnum: 'string',
  StringPlusClob: 'string',
  HtmlStringPlusClob: 'string',
  EncryptedText: 'string',
  EntityId: 'string',
  ExternalId: 'string',
  Double: 'double',
  Currency: 'double',
  Percent: 'double',
  Integer: 'int',
  DateTime: 'long',
  DateOnly: 'long',
  TimeOnly: 'long',
  Boolean: 'boolean',
} as const satisfies Record<string, ScalarType>;

/** One of Salesforce's data types, by its name in a schema's `doc`. */
export type DataType = keyof typeof DATA_TYPES;

/** The compound types: fields of fields. */
export const COMPOUND_TYPES = {
  Address: {
    Street: 'string',
    City: 'string',
    State: 'string',
    PostalCode: 'string',
    Country: 'string',
    StateCode: 'string',
    CountryCode: 'string',
    Latitude: 'double',
    Longitude: 'double',
    GeocodeAccuracy: 'string',
  },
  PersonName: { Salutation: 'string', FirstName: 'string', LastName: 'string' },
  Switchable_PersonName: { Salutation: 'string', FirstName: 'string', LastName: 'string' },
  Location: { Latitude: 'double', Longitude: 'double' },
} as const satisfies Record<string, Record<string, ScalarType>>;

/** One of {@link COMPOUND_TYPES}. */
export type CompoundType = keyof typeof COMPOUND_TYPES;

/** The types of custom fields: a {@link DataType}, where `EntityId` is a lookup of another record, or a geolocation. */
export type CustomFieldType = DataType | 'Location';

/** A field with one value. */
export interface ScalarField {
  readonly kind: 'scalar';
  /** API name. */
  readonly name: string;
  /** `role:type[:field id]`, as in the schema's `doc`. */
  readonly doc: string;
  readonly type: ScalarType;
  /** Whether only the org itself writes it. */
  readonly system: boolean;
}

/** A field made of fields. */
export interface CompoundField {
  readonly kind: 'compound';
  /** API name. */
  readonly name: string;
  /** `role:type[:field id]`, as in the schema's `doc`. */
  readonly doc: string;
  readonly type: CompoundType;
}

/** A field of an object. */
export type Field = ScalarField | CompoundField;

/** Whether a field is a custom checkbox: it is true or false in every record, and never null. */
export function isCustomCheckbox({ name, type }: Field): boolean {
  return type === 'boolean' && name.endsWith('__c');
}

/** A standard field with data of this type. */
export function data(name: string, type: DataType): ScalarField {
  return { kind: 'scalar', name, doc: `Data:${type}`, type: DATA_TYPES[type], system: false };
}

/** A standard field that holds the id of another record. */
export function reference(name: string): ScalarField {
  return { kind: 'scalar', name, doc: 'ForeignKey:EntityId', type: 'string', system: false };
}

/** A standard field that holds the id of something outside the org. */
export function externalReference(name: string): ScalarField {
  return { kind: 'scalar', name, doc: 'ExternalForeignKey:ExternalId', type: 'string', system: false };
}

/** A standard field made of fields. */
export function compound(name: string, type: CompoundType): CompoundField {
  return { kind: 'compound', name, doc: `Data:${type}`, type };
}

/** The four fields every object has and only the org writes, in the order of the schemas. */
export function auditFields(): ScalarField[] {
  const system = { kind: 'scalar', system: true } as const;
  return [
    { ...system, name: 'CreatedDate', doc: 'CreatedDate:DateTime', type: 'long' },
    { ...system, name: 'CreatedById', doc: 'ForeignKey:EntityId', type: 'string' },
    { ...system, name: 'LastModifiedDate', doc: 'Data:DateTime', type: 'long' },
    { ...system, name: 'LastModifiedById', doc: 'ForeignKey:EntityId', type: 'string' },
  ];
}

/**
 * Custom fields, whose `doc` ends with the field's own id.
 *
 * @param firstId - The number of the first field's id; the others follow.
 * @param types - API names with data types, in the order of the schema.
 */
export function customFields(firstId: number, types: Readonly<Record<string, CustomFieldType>>): Field[] {
  return Object.entries(types).map(([name, type], index) => {
    const field = fieldOf(name, type);
    return { ...field, doc: `${field.doc}:${customFieldId(firstId + index)}` };
  });
}

function fieldOf(name: string, type: CustomFieldType): Field {
  if (type === 'Location') return compound(name, type);
  if (type === 'EntityId') return reference(name);
  return type === 'ExternalId' ? externalReference(name) : data(name, type);
}

/** The 15-character id of a custom field, whose key prefix is 00N. */
function customFieldId(number: number): string {
  return `00NHs00000${number.toString(36).toUpperCase().padStart(5, 'A')}`;
}

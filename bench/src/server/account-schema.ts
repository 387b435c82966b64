/**
 * The schema of the events served: an Account as large as on a real org. 86 fields with the header, most of them text,
 * five of them compound.
 *
 * @packageDocumentation
 */

/** A body field: its name, and the kind of value it has. */
export interface AccountField {
  readonly name: string;
  readonly kind: 'string' | 'long' | 'int' | 'double' | 'boolean' | 'Name' | 'Address' | 'Location';
}

/** The children of the compound fields: each is a nullable string, or a double where it says so. */
export const CHILDREN: Readonly<Record<'Name' | 'Address' | 'Location', readonly string[]>> = {
  Name: ['Salutation', 'FirstName', 'LastName', 'MiddleName', 'InformalName', 'Suffix'],
  Address: [
    'Street',
    'City',
    'State',
    'PostalCode',
    'Country',
    'StateCode',
    'CountryCode',
    'Latitude:double',
    'Longitude:double',
    'Xyz',
    'GeocodeAccuracy',
  ],
  Location: ['Latitude:double', 'Longitude:double'],
};

/** In the order of the schema: each line is a kind and the names that have it. */
const LAYOUT = `
  Name: Name
  string: Type RecordTypeId ParentId
  Address: BillingAddress ShippingAddress
  string: Phone Fax AccountNumber Website Sic Industry
  double: AnnualRevenue
  int: NumberOfEmployees
  string: Ownership TickerSymbol Description Rating Site OwnerId
  long: CreatedDate
  string: CreatedById
  long: LastModifiedDate
  string: LastModifiedById PersonContactId
  Address: PersonMailingAddress
  string: PersonMobilePhone PersonHomePhone PersonOtherPhone PersonAssistantPhone PersonEmail PersonTitle
  string: PersonDepartment PersonAssistantName PersonLeadSource
  long: PersonBirthdate
  boolean: PersonHasOptedOutOfEmail PersonHasOptedOutOfFax PersonDoNotCall
  long: PersonLastCURequestDate PersonLastCUUpdateDate
  string: PersonEmailBouncedReason
  long: PersonEmailBouncedDate
  string: Jigsaw JigsawCompanyId CleanStatus AccountSource DunsNumber Tradestyle NaicsCode NaicsDesc YearStarted SicDesc
  string: DandbCompanyId OperatingHoursId Priority__c Plan__c Active__c
  double: Locations__c Score__c Discount__c Credit_Limit__c
  string: Upsell__c Contract_Number__c
  long: Contract_End__c First_Order__c Last_Order__c Last_Visit__c
  string: Billing_Phone__c Billing_Email__c Region__c Territory__c Segment__c Language__c Currency__c
  Location: Position__c
  string: Tags__c Notes__c Portal__c External_Key__c Source_System__c
  boolean: Partner__c
  string: Tier__pc Languages__pc Member_Number__pc
`;

/** The body's fields, in the order of the schema. The first one is at position 1: position 0 is the header. */
export const ACCOUNT_FIELDS: readonly AccountField[] = LAYOUT.trim()
  .split('\n')
  .flatMap((line) => {
    const [kind = '', names = ''] = line.trim().split(': ');
    return names.split(' ').map((name) => ({ name, kind: kind as AccountField['kind'] }));
  });

const HEADER_FIELDS = [
  { name: 'entityName', type: 'string' },
  { name: 'recordIds', type: { type: 'array', items: 'string' } },
  {
    name: 'changeType',
    type: {
      type: 'enum',
      name: 'ChangeType',
      namespace: '',
      symbols: [
        'CREATE',
        'UPDATE',
        'DELETE',
        'UNDELETE',
        'GAP_CREATE',
        'GAP_UPDATE',
        'GAP_DELETE',
        'GAP_UNDELETE',
        'GAP_OVERFLOW',
      ],
    },
  },
  { name: 'changeOrigin', type: 'string' },
  { name: 'transactionKey', type: 'string' },
  { name: 'sequenceNumber', type: 'int' },
  { name: 'commitTimestamp', type: 'long' },
  { name: 'commitNumber', type: 'long' },
  { name: 'commitUser', type: 'string' },
  { name: 'nulledFields', type: { type: 'array', items: 'string' } },
  { name: 'diffFields', type: { type: 'array', items: 'string' } },
  { name: 'changedFields', type: { type: 'array', items: 'string' } },
];

/** The schema in Avro's JSON, as the service sends it. */
export function accountSchemaJson(): string {
  const defined = new Set<string>();
  return JSON.stringify({
    type: 'record',
    name: 'AccountChangeEvent',
    namespace: 'com.sforce.eventbus',
    fields: [
      {
        name: 'ChangeEventHeader',
        type: { type: 'record', name: 'ChangeEventHeader', fields: HEADER_FIELDS },
        doc: 'Data:ComplexValueType',
      },
      ...ACCOUNT_FIELDS.map(({ name, kind }) => ({
        name,
        type: ['null', ...branches(kind, defined)],
        doc: `Data:${kind}`,
        default: null,
      })),
    ],
  });
}

/** A compound is defined where it comes first, and named after that. The name of a person account may be plain text. */
function branches(kind: AccountField['kind'], defined: Set<string>): unknown[] {
  if (kind !== 'Name' && kind !== 'Address' && kind !== 'Location') return [kind];
  const typeName = kind === 'Name' ? 'Switchable_PersonName' : kind;
  const compound = defined.has(kind) ? typeName : compoundRecord(typeName, CHILDREN[kind]);
  defined.add(kind);
  return kind === 'Name' ? ['string', compound] : [compound];
}

function compoundRecord(name: string, children: readonly string[]): unknown {
  const fields = children.map((child) => {
    const [childName, type = 'string'] = child.split(':');
    return { name: childName, type: ['null', type], default: null };
  });
  return { type: 'record', name, fields };
}

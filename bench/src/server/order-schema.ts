import avro from 'avsc';

const NULLABLE_TEXT = ['Order_Number__c', 'City__c', 'Status__c', 'Carrier__c', 'Note__c'];

const SCHEMA: avro.schema.RecordType = {
  type: 'record',
  name: 'Order__e',
  namespace: 'com.sforce.eventbus',
  fields: [
    { name: 'CreatedDate', type: 'long', doc: 'CreatedDate:DateTime' },
    { name: 'CreatedById', type: 'string', doc: 'CreatedBy:EntityId' },
    ...NULLABLE_TEXT.map((name) => ({ name, type: ['null', 'string'], default: null, doc: 'Data:Text' })),
    { name: 'Total__c', type: ['null', 'double'], default: null, doc: 'Data:Double' },
    { name: 'Paid__c', type: ['null', 'boolean'], default: null, doc: 'Data:Boolean' },
  ],
};

/** The schema of the events that are published, in Avro's JSON. */
export const ORDER_SCHEMA_JSON = JSON.stringify(SCHEMA);

/** Its id. */
export const ORDER_SCHEMA_ID = avro.Type.forSchema(SCHEMA).fingerprint('md5').toString('base64url');

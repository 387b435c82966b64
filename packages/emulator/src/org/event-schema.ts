import { CHANGE_TYPES } from '@rxforce/core/model';
import { changeEventName, type EntityDefinition } from './entity.js';
import { COMPOUND_TYPES, type CompoundField, type CompoundType, type Field } from './field.js';

/** The namespace of all events' schemas. */
const EVENT_NAMESPACE = 'com.sforce.eventbus';

const STRINGS = { type: 'array', items: 'string' };

/** Field 0 of every change event. */
const HEADER = {
  name: 'ChangeEventHeader',
  type: {
    type: 'record',
    name: 'ChangeEventHeader',
    fields: [
      { name: 'entityName', type: 'string' },
      { name: 'recordIds', type: STRINGS },
      { name: 'changeType', type: { type: 'enum', name: 'ChangeType', symbols: CHANGE_TYPES } },
      { name: 'changeOrigin', type: 'string' },
      { name: 'transactionKey', type: 'string' },
      { name: 'sequenceNumber', type: 'int' },
      { name: 'commitTimestamp', type: 'long' },
      { name: 'commitNumber', type: 'long' },
      { name: 'commitUser', type: 'string' },
      { name: 'nulledFields', type: STRINGS },
      { name: 'diffFields', type: STRINGS },
      { name: 'changedFields', type: STRINGS },
    ],
  },
  doc: 'Data:ComplexValueType',
};

/** The Avro schema of an object's change events, as JSON. */
export function changeEventSchema(entity: EntityDefinition): string {
  return eventSchema(changeEventName(entity.name), [HEADER, ...bodyFields(entity.fields)]);
}

/** The Avro schema of a platform event: the fields that the platform always requires, then its own. */
export function platformEventSchema(name: string, fields: readonly Field[]): string {
  return eventSchema(name, [
    { name: 'CreatedDate', type: 'long', doc: 'CreatedDate:DateTime' },
    { name: 'CreatedById', type: 'string', doc: 'CreatedBy:EntityId' },
    ...bodyFields(fields),
  ]);
}

function eventSchema(name: string, fields: readonly object[]): string {
  return JSON.stringify({ type: 'record', name, namespace: EVENT_NAMESPACE, fields });
}

/** Every field may be null, and null comes first. A compound type is defined where it is first used, then named. */
function bodyFields(fields: readonly Field[]): object[] {
  const defined = new Set<CompoundType>();
  return fields.map((field) => ({
    name: field.name,
    type: field.kind === 'scalar' ? ['null', field.type] : compoundUnion(field, defined),
    doc: field.doc,
    default: null,
  }));
}

/** A switchable name is a text for a company and a record for a person. */
function compoundUnion({ type }: CompoundField, defined: Set<CompoundType>): unknown[] {
  const record = defined.has(type) ? type : compoundRecord(type);
  defined.add(type);
  return type === 'Switchable_PersonName' ? ['null', 'string', record] : ['null', record];
}

function compoundRecord(name: CompoundType): object {
  const fields = Object.entries(COMPOUND_TYPES[name]).map(([child, type]) => ({
    name: child,
    type: ['null', type],
    default: null,
  }));
  return { type: 'record', name, fields };
}

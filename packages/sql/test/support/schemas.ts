import { of } from 'rxjs';
import type { PubSubClient } from '@rxforce/core';

/** A field of a schema: its name, its type in Avro and its data type in Salesforce. */
export type SchemaField = readonly [name: string, type: unknown, doc?: string];

const part = (name: string, type: string) => ({ name, type: ['null', type], default: null });
const ADDRESS = {
  type: 'record',
  name: 'Address',
  fields: [part('Street', 'string'), part('City', 'string'), part('Latitude', 'double')],
};
const NAME = {
  type: 'record',
  name: 'Switchable_PersonName',
  fields: [part('FirstName', 'string'), part('LastName', 'string')],
};

/** Fields of every kind. */
export const FIELDS: readonly SchemaField[] = [
  ['Name', ['string', NAME], 'Switchable_PersonName'],
  ['Industry', 'string', 'DynamicEnum'],
  ['Description', 'string', 'StringPlusClob'],
  ['AnnualRevenue', 'double', 'Currency'],
  ['NumberOfEmployees', 'int', 'Integer'],
  ['Serial__c', 'long', 'Integer'],
  ['IsActive', 'boolean', 'Boolean'],
  ['BillingAddress', ADDRESS, 'Address'],
  ['ShippingAddress', 'Address', 'Address'],
  ['CreatedDate', 'long', 'DateTime'],
  ['LastModifiedDate', 'long', 'DateTime'],
  ['Birthdate', 'long', 'DateOnly'],
  ['OpensAt__c', 'long', 'TimeOnly'],
  ['Order', 'string', 'Text'],
];

/** A client that knows schemas by their id. */
export interface SchemaClient extends Pick<PubSubClient, 'schema'> {
  /** Adds a schema. */
  add(id: string, fields: readonly SchemaField[]): void;
  /** The ids that were asked for. */
  readonly asked: string[];
}

/** A client whose schema `schema` has the fields of every kind. */
export function schemaClient(fields: readonly SchemaField[] = FIELDS): SchemaClient {
  const schemas = new Map([['schema', schemaOf(fields)]]);
  const asked: string[] = [];
  return {
    asked,
    add: (id, others) => void schemas.set(id, schemaOf(others)),
    schema: (id) => {
      asked.push(id);
      return of({ id, json: schemas.get(id)! });
    },
  };
}

function schemaOf(fields: readonly SchemaField[]): string {
  return JSON.stringify({
    type: 'record',
    name: 'AccountChangeEvent',
    namespace: 'com.sforce.eventbus',
    fields: [
      { name: 'ChangeEventHeader', type: { type: 'record', name: 'ChangeEventHeader', fields: [] } },
      ...fields.map(([name, type, doc]) => ({
        name,
        type: ['null', ...(Array.isArray(type) ? (type as unknown[]) : [type])],
        ...(doc !== undefined && { doc: `Data:${doc}` }),
        default: null,
      })),
    ],
  });
}

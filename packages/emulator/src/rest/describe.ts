import type { HttpAnswer } from '../http/route.js';
import { recentItems } from './changed-records.js';
import { EventObject } from './event-object.js';
import { pickListOf } from '../org/pick-lists.js';
import { type RestCall, json, type RestRoute } from './rest-call.js';
import type { RestField } from './rest-field.js';
import type { ChildRelationship, RestObject } from './rest-object.js';
import { objectNamed } from './records.js';

/** The endpoints that list and describe the objects. */
export const DESCRIBE_ROUTES: readonly RestRoute[] = [
  ['GET', '/sobjects', (call) => describeGlobal(call, [...call.objects.list(), ...call.objects.events()])],
  ['GET', '/sobjects/*', basicInfo],
  ['GET', '/sobjects/*/describe', (call) => json(describeObject(call, describedBy(call)))],
];

/** Largest answer of a query, as the service reports it. */
const MAX_BATCH = 200;
/** Bytes that a character may take. */
const BYTES_A_CHARACTER = 3;

/** All objects, without their fields. */
export function describeGlobal(call: RestCall, objects: readonly RestObject[]): HttpAnswer {
  return json({
    encoding: 'UTF-8',
    maxBatchSize: MAX_BATCH,
    sobjects: objects.map((object) => summaryOf(call, object)),
  });
}

/** The object, or the kind of events, that a path names. */
function describedBy(call: RestCall): RestObject {
  const [name = ''] = call.segments;
  return call.objects.event(name) ?? objectNamed(call, name);
}

function basicInfo(call: RestCall): HttpAnswer {
  const object = describedBy(call);
  return json({ objectDescribe: summaryOf(call, object), recentItems: recentItems(call, [object]) });
}

/** An object with its fields. */
export function describeObject(call: RestCall, object: RestObject): object {
  return {
    ...summaryOf(call, object),
    fields: object.fields.map((field) => describeField(object, field)),
    childRelationships: object.childRelationships().map(describeChildren),
    recordTypeInfos: [],
    namedLayoutInfos: [],
    supportedScopes: [{ label: 'All records', name: 'everything' }],
  };
}

function summaryOf({ base }: RestCall, object: RestObject): object {
  const { name, label, labelPlural, keyPrefix, writable } = object.info;
  const url = `${base}/sobjects/${name}`;
  const isEvent = object instanceof EventObject;
  const createable = isEvent ? object.publishable : writable;
  return {
    name,
    label,
    labelPlural,
    keyPrefix,
    custom: /__[ce]$/.test(name),
    customSetting: false,
    activateable: false,
    createable,
    deletable: writable,
    deprecatedAndHidden: false,
    feedEnabled: false,
    layoutable: !isEvent,
    mergeable: false,
    queryable: !isEvent,
    replicateable: writable,
    retrieveable: !isEvent,
    searchable: false,
    triggerable: false,
    undeletable: writable,
    updateable: writable,
    urls: {
      sobject: url,
      describe: `${url}/describe`,
      rowTemplate: `${url}/{ID}`,
      ...(isEvent && { eventSchema: `${url}/eventSchema` }),
    },
  };
}

function describeChildren({ name, object, field }: ChildRelationship): object {
  return {
    cascadeDelete: false,
    childSObject: object.name,
    deprecatedAndHidden: false,
    field: field.name,
    junctionIdListNames: [],
    junctionReferenceTo: [],
    relationshipName: name,
    restrictedDelete: false,
  };
}

function describeField(object: RestObject, field: RestField): object {
  const { name, label, type, custom, createable, updateable, required, defaulted, externalId, reference } = field;
  return {
    name,
    label,
    type: type.type,
    soapType: type.soapType,
    length: type.length,
    byteLength: type.length * BYTES_A_CHARACTER,
    ...numberFormat(type.type),
    custom,
    createable,
    updateable,
    nillable: !required && !defaulted,
    defaultedOnCreate: defaulted,
    defaultValue: type.kind === 'boolean' ? false : null,
    filterable: field.filterable,
    sortable: field.sortable,
    groupable: field.filterable && type.kind !== 'double',
    aggregatable: field.filterable && type.kind !== 'boolean',
    compoundFieldName: field.compound ?? null,
    externalId,
    idLookup: externalId || field.place.type === 'id',
    unique: false,
    caseSensitive: false,
    nameField: name === 'Name',
    referenceTo: referencesOf(object, field),
    relationshipName: reference?.relationship ?? null,
    picklistValues: pickListOf(object.name, name).map(describeValue),
    restrictedPicklist: false,
    dependentPicklist: false,
    calculated: field.place.type === 'full-name' && !createable,
    autoNumber: false,
    encrypted: type.type === 'encryptedstring',
    deprecatedAndHidden: false,
    inlineHelpText: null,
  };
}

function referencesOf(object: RestObject, field: RestField): readonly string[] {
  const given = field.reference?.to ?? [];
  const inferred = object.targetOf(field)?.name;
  return given.length > 0 || inferred === undefined ? given : [inferred];
}

function describeValue(value: string): object {
  return { active: true, defaultValue: false, label: value, validFor: null, value };
}

function numberFormat(type: string): { readonly digits: number; readonly precision: number; readonly scale: number } {
  switch (type) {
    case 'int':
      return { digits: 9, precision: 0, scale: 0 };
    case 'double':
    case 'currency':
    case 'percent':
      return { digits: 0, precision: 18, scale: 2 };
    default:
      return { digits: 0, precision: 0, scale: 0 };
  }
}

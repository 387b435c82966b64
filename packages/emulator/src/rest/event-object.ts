import { changeEventName, type EntityDefinition } from '../org/entity.js';
import type { PlatformEventInfo } from '../org/platform-events.js';
import type { RegisteredSchema } from '../schemas/schema-registry.js';
import { FIELD_TYPES, type FieldType, ID_TYPE, REFERENCE_TYPE, text } from './field-types.js';
import { orgFields, typeOf } from './org-fields.js';
import { labelOf, type RestField, restField } from './rest-field.js';
import { NO_OBJECTS, RestObject } from './rest-object.js';

/** A kind of events of the org. It can be described, but nothing of it can be read or queried. */
export class EventObject extends RestObject {
  /** The schema of its events. */
  readonly schemaId: string;

  constructor(name: string, schemaId: string, keyPrefix: string | null, fields: readonly RestField[]) {
    const label = labelOf(name);
    super({ name, label, labelPlural: `${label}s`, keyPrefix, fields, writable: false }, NO_OBJECTS);
    this.schemaId = schemaId;
  }

  /** Whether clients can publish it: platform events, but not change events. */
  get publishable(): boolean {
    return this.name.endsWith('__e');
  }

  rows(): [] {
    return [];
  }

  row(): undefined {
    return undefined;
  }
}

const HEADER_TYPE: FieldType = {
  type: 'complexvalue',
  soapType: 'urn:ChangeEventHeader',
  kind: 'compound',
  length: 0,
  filterable: false,
  sortable: false,
};

/** The fields of records that their events lack, or have under another name. */
const NOT_IN_EVENTS = new Set(['Id', 'IsDeleted', 'SystemModstamp']);

/** A platform event, for its describe. */
export function platformEventObject(
  { name, schemaId }: PlatformEventInfo,
  schema: RegisteredSchema | undefined,
): EventObject {
  return new EventObject(name, schemaId, null, [
    received('ReplayId', text('string', 1000)),
    received('EventUuid', text('string', 36)),
    received('CreatedDate', FIELD_TYPES.DateTime),
    received('CreatedById', REFERENCE_TYPE),
    ...ownEventFields(schema),
  ]);
}

/** The change events of an object, for their describe. */
export function changeEventObject(definition: EntityDefinition, schemaId: string): EventObject {
  const fields = orgFields(definition).filter(({ name }) => !NOT_IN_EVENTS.has(name));
  return new EventObject(changeEventName(definition.name), schemaId, null, [
    received('Id', ID_TYPE),
    received('ReplayId', text('string', 1000)),
    received('ChangeEventHeader', HEADER_TYPE),
    ...fields.map((field) => ({ ...field, createable: false, updateable: false, required: false })),
  ]);
}

/** The fields of a platform event that clients set, from its schema. */
export function ownEventFields(schema: RegisteredSchema | undefined): RestField[] {
  const { fields } = JSON.parse(schema?.json ?? '{"fields":[]}') as {
    readonly fields: readonly { readonly name: string; readonly doc: string }[];
  };
  return fields
    .filter(({ name }) => name.endsWith('__c'))
    .map(({ name, doc }) => ({
      ...restField({ name, type: typeOf(doc), place: { type: 'field', field: name } }),
      updateable: false,
      externalId: false,
    }));
}

/** A field that only the service itself fills in. */
function received(name: string, type: FieldType): RestField {
  const place = name === 'Id' ? ({ type: 'id' } as const) : ({ type: 'field', field: name } as const);
  return restField({ name, type, place, createable: false, updateable: false });
}

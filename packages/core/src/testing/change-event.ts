import { headerWith } from '../model/change-header.js';
import type { ChangeEvent, ChangeEventHeader, PlatformEvent, StreamEvent } from '../model/events.js';
import { ReplayId } from '../model/replay-id.js';
import { changeTopic, eventTopic } from '../model/topic.js';

/** The fields that a test sets in a change event. The rest is filled in. */
export interface ChangeEventFields<T> extends Partial<ChangeEventHeader>, Partial<StreamEvent> {
  /**
   * The record's fields that matter to the test.
   *
   * @defaultValue `{}`
   */
  readonly data?: Partial<T>;
}

/**
 * Makes a change event for a test: by default a CREATE of one `Account`, with an `id` and a `replayId` of its own. In
 * an UPDATE, the fields in `data` have changed (of a compound, the children in it), unless `changedFields` says
 * otherwise. Those that are null were nulled.
 */
export function changeEvent<T = Record<string, unknown>>(fields: ChangeEventFields<T> = {}): ChangeEvent<T> {
  const { data = {}, id, topic, replayId, schemaId, ...header } = fields;
  const { entityName = 'Account', changeType = 'CREATE' } = header;
  const { changedFields = changeType === 'UPDATE' ? Object.entries(data).flatMap(namesOf) : [] } = header;
  return {
    ...identity({ id, topic: topic ?? changeTopic(entityName), replayId, schemaId }),
    header: headerWith({
      entityName,
      recordIds: ['001000000000001AAA'],
      changeType,
      changeOrigin: 'com/salesforce/api/soap/58.0;client=test',
      transactionKey: '0000-transaction',
      sequenceNumber: 1,
      commitTimestamp: 0,
      commitNumber: 1n,
      commitUser: '005000000000001AAA',
      changedFields,
      nulledFields: changedFields.filter((name) => valueAt(data, name) === null),
      diffFields: [],
      ...header,
    }),
    data,
  };
}

/** The service's names: for a compound, the children that changed, or the compound itself where it was nulled. */
function namesOf([name, value]: [string, unknown]): string[] {
  if (!isCompound(value)) return [name];
  return Object.keys(value).map((child) => `${name}.${child}`);
}

function isCompound(value: unknown): value is object {
  return value instanceof Object && !(value instanceof Date) && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function valueAt(data: object, path: string): unknown {
  const [name = '', child] = path.split('.');
  const value = (data as Record<string, unknown>)[name];
  return child === undefined ? value : (value as Record<string, unknown> | undefined)?.[child];
}

/**
 * Makes a platform event for a test.
 *
 * @param topic - Such as `'/event/Order__e'`.
 */
export function platformEvent<T = Record<string, unknown>>(
  topic: string,
  data: T,
  fields: Partial<StreamEvent> = {},
): PlatformEvent<T> {
  return { ...identity({ ...fields, topic: eventTopic(topic) }), data };
}

let made = 0;

/** Every event has an id and a position of its own, as at the service. */
function identity({ id, topic = '', replayId, schemaId = 'schema' }: Loose<StreamEvent>): StreamEvent {
  const number = ++made;
  return {
    id: id ?? `event-${number}`,
    topic,
    replayId: replayId ?? ReplayId.fromBytes(Buffer.from(String(number).padStart(10, '0'))),
    schemaId,
  };
}

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

import { membersOf } from '@rxforce/core/internal';
import type { ChangeEventHeader } from '@rxforce/core/model';
import { ATTRIBUTES, MESSAGING_SYSTEM } from '@rxforce/core/telemetry';

/** What may be known of a value: an event has all of it. */
interface EventLike {
  readonly id?: unknown;
  readonly topic?: unknown;
  readonly header?: Partial<ChangeEventHeader>;
}

/** Attributes while they are put together. Objects that are spread are much slower to make, and to collect. */
type Made = Record<string, string | number | boolean>;

/** A value of work, as its span tells it. */
export interface TracedValue {
  /** The members of a batch or a transaction; `undefined` for any other value. */
  readonly members: readonly unknown[] | undefined;
  /** The first member, or the value itself. */
  readonly first: unknown;
  readonly topic: string | undefined;
  readonly attributes: Made;
}

/**
 * What is known of a value without its data.
 *
 * @param now - The clock, in epoch milliseconds.
 */
export function tracedValue(value: unknown, now: number): TracedValue {
  const members = membersOf(value);
  const first = members ? members[0] : value;
  const event = Object(first) as EventLike;
  const topic = typeof event.topic === 'string' ? event.topic : undefined;
  const attributes = operation('process', 'process', topic);
  if (members) attributes['messaging.batch.message_count'] = members.length;
  else addEvent(attributes, event, now);
  return { members, first, topic, attributes };
}

/** The attributes that each span has. */
export function operation(name: string, type: string, topic: string | undefined): Made {
  const attributes: Made = {
    [ATTRIBUTES.system]: MESSAGING_SYSTEM,
    [ATTRIBUTES.operation]: name,
    'messaging.operation.type': type,
  };
  if (topic !== undefined) attributes[ATTRIBUTES.topic] = topic;
  return attributes;
}

function addEvent(attributes: Made, { id, header }: EventLike, now: number): void {
  if (typeof id === 'string') attributes['messaging.message.id'] = id;
  if (header === undefined) return;
  const { entityName, changeType, recordIds, commitTimestamp, changeOrigin } = header;
  if (entityName !== undefined) attributes['rxforce.entity'] = entityName;
  if (changeType !== undefined) attributes['rxforce.change_type'] = changeType;
  if (changeOrigin !== undefined && changeOrigin !== '') attributes['rxforce.change_origin'] = changeOrigin;
  if (recordIds !== undefined) attributes['rxforce.record.count'] = recordIds.length;
  if (commitTimestamp !== undefined) attributes['rxforce.lag_ms'] = now - commitTimestamp;
}

import type { Attributes } from '@opentelemetry/api';
import { membersOf } from '@rxforce/core/internal';
import type { ChangeEventHeader } from '@rxforce/core/model';
import { ATTRIBUTES, MESSAGING_SYSTEM } from '@rxforce/core/telemetry';

/** What may be known of a value: an event has all of it. */
interface EventLike {
  readonly id?: unknown;
  readonly topic?: unknown;
  readonly header?: Partial<ChangeEventHeader>;
}

/** A value of work, as its span tells it. */
export interface TracedValue {
  /** The members of a batch or a transaction, or the value itself. */
  readonly items: readonly unknown[];
  readonly topic: string | undefined;
  readonly attributes: Attributes;
}

/**
 * What is known of a value without its data.
 *
 * @param now - The clock, in epoch milliseconds.
 */
export function tracedValue<T>(value: T, now: number): TracedValue {
  const members = membersOf(value);
  const items = members ?? [value];
  const first = Object(items[0]) as EventLike;
  const topic = typeof first.topic === 'string' ? first.topic : undefined;
  const own = members ? { 'messaging.batch.message_count': members.length } : attributesOf(first, now);
  return {
    ...{ items, topic },
    attributes: { ...operation('process', 'process', topic), ...own },
  };
}

/** The attributes that each span has. */
export function operation(name: string, type: string, topic: string | undefined): Attributes {
  return {
    [ATTRIBUTES.system]: MESSAGING_SYSTEM,
    [ATTRIBUTES.operation]: name,
    'messaging.operation.type': type,
    ...(topic !== undefined && { [ATTRIBUTES.topic]: topic }),
  };
}

function attributesOf({ id, header }: EventLike, now: number): Attributes {
  const { entityName, changeType, recordIds, commitTimestamp, changeOrigin } = Object(
    header,
  ) as Partial<ChangeEventHeader>;
  return {
    ...(typeof id === 'string' && { 'messaging.message.id': id }),
    ...(entityName !== undefined && { 'rxforce.entity': entityName }),
    ...(changeType !== undefined && { 'rxforce.change_type': changeType }),
    ...(changeOrigin !== undefined && changeOrigin !== '' && { 'rxforce.change_origin': changeOrigin }),
    ...(recordIds !== undefined && { 'rxforce.record.count': recordIds.length }),
    ...(commitTimestamp !== undefined && { 'rxforce.lag_ms': now - commitTimestamp }),
  };
}

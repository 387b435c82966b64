import { payloadOf } from '@rxforce/core/delivery';
import { fnv1a, type LogEntry } from '@rxforce/core/internal';
import { ConfigurationError, kindOf, partitionOf, type ChangeEvent, type StreamEvent } from '@rxforce/core/model';

/** Chooses the partition of an event: by a number, or by the hash of a text. */
export type PartitionBy<E> = (event: E) => string | number;

/** The event's Avro bytes. Throws where it has none, as nothing could be relayed. */
export function relayedBytes(event: unknown): Uint8Array {
  const payload = payloadOf(event);
  if (payload !== undefined) return payload;
  throw new ConfigurationError(
    `relayTo() got ${kindOf(event)} that has no bytes of an event of a client. It relays events as they came: put map(), ` +
      'batchBy(), toRecords() and resolveGaps() into the pipeline of the worker, which reads the log. Filters may be before ' +
      'relayTo().',
  );
}

/** The entries of an event: one for each partition that has one of its records. */
export function entriesOf<E extends StreamEvent>(
  event: E,
  payload: Uint8Array,
  partitions: number,
  partitionBy: PartitionBy<E> | undefined,
): readonly LogEntry[] {
  const { id, schemaId, headers, replayId, origin = replayId } = event;
  const places = partitionBy ? [chosen(event, partitions, partitionBy)] : placesOf(event, partitions);
  const isSplit = partitionBy === undefined && places.length > 1;
  return places.map((partition) => {
    const recordId = recordOf(event, isSplit ? { partition, partitions } : undefined);
    return {
      ...{ partition, id, origin, schemaId, payload },
      ...(headers && { headers }),
      ...(isSplit && { isSplit }),
      ...(recordId !== undefined && { recordId }),
    };
  });
}

/** The record of an event, or of a part of it, where that is one. */
function recordOf(
  event: StreamEvent,
  part: { readonly partition: number; readonly partitions: number } | undefined,
): string | undefined {
  if (!namesRecords(event)) return undefined;
  const { recordIds = [] } = (event as Partial<ChangeEvent>).header ?? {};
  const own = part ? recordIds.filter((id) => partitionOf(id, part.partitions) === part.partition) : recordIds;
  return own.length === 1 ? own[0] : undefined;
}

function chosen<E>(event: E, partitions: number, partitionBy: PartitionBy<E>): number {
  const key: unknown = partitionBy(event);
  if (typeof key === 'string') return fnv1a(key) % partitions;
  if (Number.isSafeInteger(key) && (key as number) >= 0) return (key as number) % partitions;
  throw new ConfigurationError(
    `relayTo()'s partitionBy gave ${kindOf(key)}, but must give a text, or a whole number from 0.`,
  );
}

function placesOf(event: StreamEvent, partitions: number): readonly number[] {
  const { header } = event as Partial<ChangeEvent>;
  if (header === undefined) {
    throw new ConfigurationError(
      `relayTo() got an event of ${event.topic}, which names no record. Give it partitionBy: the events of one key keep ` +
        'their order, as with (event) => event.data.OrderId__c. () => 0 keeps the order of all.',
    );
  }
  if (!namesRecords(event)) return Array.from({ length: partitions }, (_, index) => index);
  return [...new Set(header.recordIds.map((recordId) => partitionOf(recordId, partitions)))];
}

/** An overflow and a wildcard such as `001*` stand for records that they do not name. */
function namesRecords(event: StreamEvent): boolean {
  const { header } = event as Partial<ChangeEvent>;
  if (header === undefined || header.changeType === 'GAP_OVERFLOW' || header.recordIds.length === 0) return false;
  return !header.recordIds.some((recordId) => recordId.endsWith('*'));
}

import type { ReplayId } from './replay-id.js';

/** Every {@link ChangeType}, in the order of the service's schemas. */
export const CHANGE_TYPES = [
  'CREATE',
  'UPDATE',
  'DELETE',
  'UNDELETE',
  'GAP_CREATE',
  'GAP_UPDATE',
  'GAP_DELETE',
  'GAP_UNDELETE',
  'GAP_OVERFLOW',
  'SNAPSHOT',
] as const;

/** What happened to the record. `GAP_*` say that it changed, without the values. `SNAPSHOT` is in newer schemas. */
export type ChangeType = (typeof CHANGE_TYPES)[number];

/** What all events have. */
export interface StreamEvent {
  /**
   * The event's own id, a UUID for changes. Several events may share a replay id, and publishers may give one id to
   * several platform events. Both together identify an event.
   */
  readonly id: string;
  /** The topic it was received on. */
  readonly topic: string;
  /** Its position in the stream. */
  readonly replayId: ReplayId;
  /** The schema its payload was written with. */
  readonly schemaId: string;
  /**
   * The headers that the publisher gave it, as bytes. Absent where there are none, as on changes. The service reserves
   * headers for tracing, and may not deliver those that were sent.
   */
  readonly headers?: Readonly<Record<string, Uint8Array>>;
  /** Its replay id at the service. Only where it was read from an event log, and `replayId` is its position there. */
  readonly origin?: ReplayId;
  /**
   * A number that grows with each event of its partition, and so with each change of its record. Only where it was read
   * from an event log. A table that keeps it can refuse a late write: `… where excluded.version > table.version`.
   */
  readonly version?: bigint;
  /**
   * Which partition of an event log this is, and of how many. Only where several partitions have the event, each for
   * its own records: `partitionOf(recordId, split.of) === split.partition`.
   */
  readonly split?: { readonly partition: number; readonly of: number };
}

/** What a change event says about the change itself. */
export interface ChangeEventHeader {
  /** API name of the object, such as `Account`. */
  readonly entityName: string;
  /** The records changed: several where one transaction made the same change to each. `001*` is a wildcard. */
  readonly recordIds: readonly string[];
  readonly changeType: ChangeType;
  /** The origin of the change, such as `com/salesforce/api/soap/58.0;client=devconsole`. Empty for geocode fill-ins. */
  readonly changeOrigin: string;
  /** The transaction's key, the same for all its events. */
  readonly transactionKey: string;
  /** Position in the transaction, from 1. Numbers may be missing. */
  readonly sequenceNumber: number;
  /** When the transaction was committed, in milliseconds since 1970, in whole seconds. */
  readonly commitTimestamp: number;
  /** The transaction's number. It exceeds 2^53 on some orgs. */
  readonly commitNumber: bigint;
  /** Id of the user who made the change. */
  readonly commitUser: string;
  /** Names of the fields set to null. A null in `data` means "set to null" only for these. */
  readonly nulledFields: readonly string[];
  /** Names of the text fields whose value in `data` is a unified diff. */
  readonly diffFields: readonly string[];
  /** Names of the changed fields, the nulled ones included, for an UPDATE only. `Parent.Child` inside compounds. */
  readonly changedFields: readonly string[];
}

/** A change of one or more records of one object. `T` is the record: field names to values. */
export interface ChangeEvent<T = Record<string, unknown>> extends StreamEvent {
  readonly header: ChangeEventHeader;
  /**
   * The record's fields. All are present. In an UPDATE, the fields that did not change are null; in a DELETE or a gap,
   * all are null. `header.changedFields` and `header.nulledFields` tell which nulls are values.
   */
  readonly data: Partial<T>;
  /**
   * Only of a record that was read, whose `changeType` is SNAPSHOT: it has every change that was committed before this
   * time, in epoch milliseconds.
   */
  readonly asOf?: number;
}

/** A platform event, or one of the monitoring streams. `T` is its payload. */
export interface PlatformEvent<T = Record<string, unknown>> extends StreamEvent {
  readonly data: T;
}

/** An event that could not be decoded, as it came. */
export interface UndecodableEvent extends StreamEvent {
  /** The Avro bytes. */
  readonly payload: Uint8Array;
}

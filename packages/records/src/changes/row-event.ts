import type { ChangeEvent } from '@rxforce/core';
import { ReplayId, headerWith } from '@rxforce/core/model';
import type { Row } from '../reading/page-source.js';

/** What the events of an object's records have in common. */
export interface RowOrigin {
  readonly entity: string;
  readonly topic: string;
  readonly schemaId: string;
  /** Every change that was committed before is in the rows, in epoch milliseconds. */
  readonly asOf: number;
  /** When the reading began, in epoch milliseconds. A later reading is another event for each record. */
  readonly startedAt: number;
}

/** A record that was read is at no position of the stream. So its dead letter is the same whenever it is read. */
const NOWHERE = ReplayId.fromBytes(new Uint8Array());

/** A record that was read, in the form of a change. */
export function rowEvent<T>({ recordId, modifiedAt, record }: Row<T>, origin: RowOrigin): ChangeEvent<T> {
  const { entity, topic, schemaId, asOf, startedAt } = origin;
  const header = headerWith({
    entityName: entity,
    recordIds: [recordId],
    changeType: 'SNAPSHOT',
    changeOrigin: '',
    transactionKey: '',
    sequenceNumber: 0,
    commitTimestamp: modifiedAt,
    commitNumber: 0n,
    commitUser: '',
    nulledFields: [],
    diffFields: [],
    changedFields: [],
  });
  const id = `snapshot:${entity}:${recordId}:${modifiedAt}:${startedAt}`;
  return { id, topic, replayId: NOWHERE, schemaId, header, data: record, asOf };
}

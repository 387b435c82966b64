import { ReplayId, type ChangeEvent, type ChangeEventHeader } from '@rxforce/core/model';

/** A change event, with what a test cares about. */
export function changeEvent<T>(header: Partial<ChangeEventHeader>, data: Partial<T> = {}): ChangeEvent<T> {
  return {
    id: 'id',
    topic: '/data/ThingChangeEvent',
    replayId: ReplayId.parse('AAAA'),
    schemaId: 'schema',
    header: {
      entityName: 'Thing',
      recordIds: ['a00'],
      changeType: 'CREATE',
      changeOrigin: '',
      transactionKey: 'tx',
      sequenceNumber: 1,
      commitTimestamp: 0,
      commitNumber: 1n,
      commitUser: '005',
      nulledFields: [],
      diffFields: [],
      changedFields: [],
      ...header,
    },
    data,
  };
}

/**
 * Pipeable operators for Salesforce change events.
 *
 * @packageDocumentation
 */
export { applyChange } from './records/apply-change.js';
export { batchBy } from './batch-by.js';
export { byChangeType } from './by-change-type.js';
export { byTransaction } from './by-transaction.js';
export { allOf, anyOf, not } from './fields/change-predicate.js';
export { distinctEvents } from './distinct-events.js';
export { expandMerged } from './expand-merged.js';
export { field } from './fields/field-predicate.js';
export { filterChange } from './filter-change.js';
export { filterField } from './filter-field.js';
export { handle } from './handle.js';
export { handleByType } from './handle-by-type.js';
export { latestByRecord } from './latest-by-record.js';
export { limit } from './limit.js';
export { mergeChanges } from './records/merge-changes.js';
export { meter } from './meter.js';
export { publishOrPutAside } from './publish-or-put-aside.js';
export { relayTo } from './relay-to.js';
export { resolveGaps } from './resolve-gaps.js';
export { retryWithDLQ } from './retry-with-dlq.js';
export { applyTextDiff } from './records/text-diff.js';
export { throttleByKey } from './throttle-by-key.js';
export { toRecords } from './to-records.js';
export type { BatchByOptions } from './batch-by.js';
export type { ChangeTypeOrGroup, OfChangeType } from './by-change-type.js';
export type { ByTransactionOptions, ChangeTransaction } from './by-transaction.js';
export type { ChangePredicate } from './fields/change-predicate.js';
export type { DistinctEventsOptions } from './distinct-events.js';
export type { FieldEvent } from './fields/field-facts.js';
export type { FieldOperand, FieldOperands, FieldOperator } from './fields/field-operators.js';
export type { FieldOptions } from './fields/field-options.js';
export type { ChildAt, ChildPath, FieldPath, ValueAt } from './fields/field-path.js';
export type {
  FieldValue,
  OrderedKind,
  OrderedOperand,
  OrderedValue,
  SameKind,
  TextOperand,
  ValueOperand,
} from './fields/field-values.js';
export type { EntityRead, GapRead, RecordRead } from './gaps/gap-work.js';
export type { HandleOptions } from './handle.js';
export type {
  ChangeTypeHandler,
  ChangeTypeHandlers,
  GapType,
  HandlerResult,
  HandlersWithGaps,
  HandlersWithOtherwise,
  ResultOfHandlers,
  TypedEvent,
  ValueHandlers,
} from './handle-by-type.js';
export type { LatestByRecordOptions } from './latest-by-record.js';
export type { MergeableEvent } from './records/merge-changes.js';
export type { Meter, MeterCounts, MeterLag, MeterOptions, MeterReading, MeterSnapshot } from './meter.js';
export type { PublishOrPutAsideOptions } from './publish-or-put-aside.js';
export type { KnownRecord, RecordStore } from './records/record-store.js';
export type { PartitionBy } from './relay/relay-entries.js';
export type { RelayToOptions } from './relay-to.js';
export type { ResolveGapsOptions } from './resolve-gaps.js';
export type { RetryWithDLQOptions } from './retry-with-dlq.js';
export type { ThrottleByKeyOptions } from './throttle-by-key.js';
export type { RecordChange, ToRecordsOptions } from './to-records.js';

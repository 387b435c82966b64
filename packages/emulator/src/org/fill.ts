import { wholeNumber } from '@rxforce/core/internal';
import type { RecordIds } from '../model/record-ids.js';
import type { EntityModel } from './entity-model.js';
import { readInput } from './field-values.js';
import type { FillOptions, FillValues } from './org-api.js';
import type { MemoryRecordStore } from './record-store.js';
import { applyChanges } from './record-values.js';
import { initialValues } from './transaction.js';

/** The parts of an org that are needed to fill it. */
export interface FillContext {
  readonly store: MemoryRecordStore;
  readonly recordIds: RecordIds;
  readonly model: EntityModel;
  /** Id of the user who made the records. */
  readonly user: string;
  /** The time of their stamps, unless the options say otherwise. */
  readonly now: number;
}

/** Most records at a time. */
const MOST_RECORDS = 10_000_000;

/**
 * Adds records to a store without a transaction.
 *
 * @throws `ConfigurationError` when the count is out of its range, or a value does not fit its field. The records
 * before that one stay.
 */
export function fill(context: FillContext, count: number, values: FillValues, { at }: FillOptions): string[] {
  const { store, recordIds, model, user, now } = context;
  wholeNumber('fill: count', count, 0, MOST_RECORDS);
  const initial = initialValues(model, now, user);
  const same = typeof values === 'function' ? undefined : readInput(model, values);
  const changesOf =
    typeof values === 'function' ? (index: number) => readInput(model, values(index)) : () => same ?? [];
  return Array.from({ length: count }, (_, index) => {
    const time = typeof at === 'function' ? at(index) : (at ?? now);
    const modstamp = Math.floor(wholeNumber('fill: at', time, 0) / 1000) * 1000;
    const before = { ...initial, CreatedDate: modstamp, LastModifiedDate: modstamp };
    const whole = applyChanges(model, before, changesOf(index));
    const id = recordIds.next(model.definition.keyPrefix);
    store.set({ id, entity: model, values: whole, modstamp, deleted: false });
    return id;
  });
}

import type { OperatorFunction } from 'rxjs';
import { type ChangeEvent, checkOptionNames } from '@rxforce/core/model';
import { HANDLE_NAMES, resolveHandleOptions, type HandleOptions } from './handle.js';
import { callProject, checkFunction, keyedWork, type Work, type WorkResult } from '@rxforce/core/internal';
import { mergeChanges } from './records/merge-changes.js';

/** How `latestByRecord` works on values. */
export interface LatestByRecordOptions<T> extends HandleOptions<T> {
  /**
   * Makes one value of one that waits and the next one with the same keys, so that work on it is work on both; `undefined`
   * where both must be worked on, one after the other. It must not change what it is given, nor do anything else.
   *
   * @defaultValue `mergeChanges` for change events; for other values the newer one, except for batches (arrays)
   * and transactions, which all wait
   */
  readonly merge?: (older: T, newer: T) => T | undefined;
}

/**
 * Does asynchronous work on each value, as `handle` does, but on what happens to a record meanwhile only once: a change that
 * waits is merged with the next one of the same record, and the work on what was made of them is the work on both. So a
 * record that changes faster than the work can be done costs no more than its newest state.
 *
 * ```marble
 * source  -a-b-c-d------------|      all of the same record
 *         latestByRecord(save)          save takes 7, then emits the value
 * result  --------a------x----|      x = b + c + d
 * ```
 *
 * A change waits while work on its record is under way, or while there is no slot for it. It is merged only with the next one
 * that has exactly the same keys and comes before any other that shares one of them, so no record's changes change places. A
 * value without keys is not merged.
 *
 * - Complete: when the source has completed and all work is done.
 * - Error: what `project`, `merge` or `keyBy` throws or the work errors with is passed on, as is the source's error; other work
 *   is unsubscribed. A `WorkTimeoutError` where there is a `timeoutMs`.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until the work that covers it has completed: events that were merged are settled together.
 *   Results are emitted in the scope of all of them. When work fails, none of its events is settled.
 * - Order: of the start of work by key; a merged change starts where the first part of it would have. Results come as they are
 *   made.
 * - Memory: one value waiting for each record, and those that cannot be merged. On a rxforce stream the events that were merged
 *   count in the window until they are settled.
 *
 * @param project - Starts the work on a value: a promise, an Observable, an iterable. Each value emitted is a result.
 * @throws `ConfigurationError` when `concurrency` or `timeoutMs` is out of its range.
 */
export function latestByRecord<T, O extends Work>(
  project: (value: T) => O,
  options: LatestByRecordOptions<T> = {},
): OperatorFunction<T, WorkResult<O>> {
  checkOptionNames(options, NAMES, { of: 'latestByRecord()' });
  const { merge = newest, ...order } = options;
  checkFunction('latestByRecord() got project', project);
  checkFunction('latestByRecord() got merge', merge);
  return keyedWork({
    ...resolveHandleOptions('latestByRecord()', order),
    project: (value: T, _index, started) =>
      callProject<WorkResult<O>>('latestByRecord()', () => project(value), started),
    merge,
  });
}

const NAMES: readonly string[] = [
  ...HANDLE_NAMES,
  ...Object.keys({ merge: true } satisfies Record<
    Exclude<keyof LatestByRecordOptions<unknown>, keyof HandleOptions<unknown>>,
    true
  >),
];

function newest<T>(older: T, newer: T): T | undefined {
  if (isChange(older) && isChange(newer)) return mergeChanges(older, newer);
  return isState(older) && isState(newer) ? newer : undefined;
}

function isChange(value: unknown): value is ChangeEvent {
  const { header } = Object(value) as { readonly header?: Partial<ChangeEvent['header']> };
  return typeof header?.changeType === 'string';
}

/** A newer batch or transaction has not all that an older one has. */
function isState(value: unknown): boolean {
  const { events } = Object(value) as { readonly events?: unknown };
  return !(Array.isArray(value) || Array.isArray(events) || isChange(value));
}

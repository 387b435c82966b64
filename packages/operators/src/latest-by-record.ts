import type { OperatorFunction } from 'rxjs';
import { type ChangeEvent, checkOptionNames } from '@rxforce/core/model';
import { HANDLE_NAMES, resolveHandleOptions, type HandleOptions } from './handle.js';
import { callProject, checkFunction, keyedWork, type Work, type WorkResult } from '@rxforce/core/internal';
import { mergeChanges } from './records/merge-changes.js';

/** How `latestByRecord` works on values. */
export interface LatestByRecordOptions<T> extends HandleOptions<T> {
  /**
   * Merges a value that waits with the next one that has the same keys, so that one piece of work covers both. It
   * returns `undefined` where both must be worked on, one after the other. It must not change its arguments, and must
   * have no side effects.
   *
   * @defaultValue `mergeChanges` for change events; for other values the newer one, except for batches (arrays) and
   * transactions, which are not merged
   */
  readonly merge?: (older: T, newer: T) => T | undefined;
}

/**
 * Does asynchronous work on each value, as `handle` does, but only once on the changes of a record that come meanwhile.
 * A change that waits is merged with the next one of the same record, and the work on the merged change covers both. So
 * a record that changes faster than the work can be done costs no more than its newest state.
 *
 * ```marble
 * source  -a-b-c-d------------|      all of the same record
 *         latestByRecord(save)          save takes 7, then emits the value
 * result  --------a------x----|      x = b + c + d
 * settled --------a------(bcd)-
 * ```
 *
 * A change waits while work on its record is under way, or while there is no slot for it. It is merged with the next
 * change only if that one has exactly the same keys, and no other change that shares one of them came in between. So
 * the changes of a record keep their order. A value without keys is not merged.
 *
 * - Complete: when the source has completed and all work is done.
 * - Error: passes on the error of `project`, of its work, of `merge`, of `keyBy` or of the source, and unsubscribes
 *   other work. With a `timeoutMs`, a `WorkTimeoutError` too.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until the work that covers it has completed; merged events are settled together. Results
 *   are emitted in the scope of all of them. When work fails, none of its events is settled.
 * - Order: work starts in order for each key; a merged change takes the place of its first part. Results come as they
 *   are made.
 * - Memory: one waiting value for each record, and the values that cannot be merged. On a rxforce stream, merged events
 *   count in the window until they are settled.
 *
 * @param project - Starts the work on a value, and returns a promise, an Observable or an iterable. Each value emitted
 * is a result.
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

/** A newer batch or transaction does not include the content of an older one. */
function isState(value: unknown): boolean {
  const { events } = Object(value) as { readonly events?: unknown };
  return !(Array.isArray(value) || Array.isArray(events) || isChange(value));
}

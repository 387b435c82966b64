import {
  groupBy as rxGroupBy,
  Observable,
  tap,
  type BasicGroupByOptions,
  type GroupByOptionsWithElement,
  type GroupedObservable,
  type OperatorFunction,
} from 'rxjs';
import { parted } from './kept/windows.js';
import type { WaitingSubject } from './kept/waiting-subject.js';

/**
 * RxJS's `groupBy`, whose groups keep and hold values until somebody subscribes to them.
 *
 * ```marble
 * source  -a-b-c-d---|
 *         groupBy(parity), concatMap(toArray())   a and c are odd, b and d even
 * result  -----------(xy|)      x = [a, c], y = [b, d]
 * settled -----------(acbd)
 * ```
 *
 * - Complete, error: as RxJS's; the values of a group without a subscriber continue to wait after the completion.
 * - Unsubscribe: as RxJS's: the source stays subscribed while a group is subscribed to. Drops the values that wait in
 *   other groups, without settling them.
 * - Delivery: a group is emitted outside of any event's scope, and emits each value in its event's scope. Until
 *   somebody subscribes to it, it keeps its values and holds their events; its first subscriber gets these values
 *   first. A group that nobody subscribes to stops the stream when its events fill the window: filter before `groupBy`,
 *   not after it. With a `connector` of your own, groups are as RxJS's, and hold nothing.
 * - In `duration`, use RxJS's own operators: a group passes all its values to them as they come, and the values that
 *   they keep are not work.
 * - Memory: the values that wait, on a rxforce stream at most its window; and one group for each key whose group has
 *   not ended.
 */
export function groupBy<T, K>(
  key: (value: T) => K,
  // eslint-disable-next-line @typescript-eslint/unified-signatures
  options: BasicGroupByOptions<K, T>,
): OperatorFunction<T, GroupedObservable<K, T>>;
export function groupBy<T, K, E>(
  key: (value: T) => K,
  options: GroupByOptionsWithElement<K, E, T>,
): OperatorFunction<T, GroupedObservable<K, E>>;
export function groupBy<T, K extends T>(
  key: (value: T) => value is K,
): OperatorFunction<T, GroupedObservable<true, K> | GroupedObservable<false, Exclude<T, K>>>;
// As in RxJS's own signatures.

export function groupBy<T, K>(key: (value: T) => K): OperatorFunction<T, GroupedObservable<K, T>>;
export function groupBy<T, K>(
  key: (value: T) => K,
  options: BasicGroupByOptions<K, T> | GroupByOptionsWithElement<K, unknown, T> = {},
): OperatorFunction<T, GroupedObservable<K, unknown>> {
  const { connector, duration, element } = options as GroupByOptionsWithElement<K, unknown, T>;
  return (source) =>
    parted<unknown, GroupedObservable<K, unknown>>(source, (values, room) => {
      let made: WaitingSubject<unknown>;
      const subjects = new WeakMap<Observable<unknown>, WaitingSubject<unknown>>();
      const watched = (group: GroupedObservable<K, unknown>): GroupedObservable<K, unknown> => {
        const subject = subjects.get(group);
        const view = new Observable((subscriber) => subject?.watchedBy(() => group.subscribe(subscriber)));
        return subject ? Object.assign(view, { key: group.key }) : group;
      };
      const grouped = rxGroupBy<T, K, unknown>(key, {
        element,
        connector: connector ?? (() => (made = room.make())),
        ...(duration && { duration: (group) => duration(watched(group)) }),
      });
      // RxJS emits a group right after it has made its Subject.
      return grouped(values as Observable<T>).pipe(tap((group) => connector ?? subjects.set(group, made)));
    });
}

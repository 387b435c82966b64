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
 * RxJS's `groupBy`, whose groups keep and hold what comes while nobody has subscribed to them.
 *
 * ```marble
 * source  -a-b-c-d---|
 *         groupBy(parity), concatMap(toArray())   a and c are odd, b and d even
 * result  -----------(xy|)      x = [a, c], y = [b, d]
 * ```
 *
 * - Complete, error: as RxJS's; what a group keeps that nobody has subscribed to yet goes on waiting after the completion.
 * - Unsubscribe: as RxJS's: the source stays while a group is subscribed to. Drops what waits in other groups, without settling
 *   it.
 * - Delivery: a group is given away in nobody's scope, and emits each value in its event's scope. Until somebody subscribes to
 *   it, it keeps what comes and holds it; the first subscriber gets that first. A group that nobody subscribes to stops the
 *   stream once the window is full of its events: filter before `groupBy`, not after it. With a `connector` of your own, groups
 *   are as RxJS's, and hold nothing.
 * - In `duration`, use RxJS's own operators: a group gives it all as it comes, and what they keep is no work.
 * - Memory: what waits, on a rxforce stream at most its window; and one group for each key that has not ended.
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
// RxJS's own signatures say so.

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

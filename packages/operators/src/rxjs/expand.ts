import {
  expand as rxExpand,
  from,
  map,
  type ObservableInput,
  type ObservedValueOf,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { finished } from './kept/inner-work.js';
import type { Kept } from './kept/keeper.js';
import { through } from './kept/through.js';

/** A value, and the value of the source that it came from. */
interface Descendant<T> {
  readonly value: T;
  readonly root: { readonly kept: Kept<T>; unfinished: number };
}

/**
 * RxJS's `expand`, which holds the event of each value until the work on it, and on all values that came from it, has
 * completed.
 *
 * ```marble
 * source  -a-----|
 *         expand(next)            next takes 1, and makes b of a, nothing of b
 * result  -ab----|
 * settled ---a----
 * ```
 *
 * - Complete, error: as RxJS's. On an error, other work is unsubscribed and its events are not settled.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: all values that came from an event are emitted in its scope.
 * - Memory: the values that wait.
 */
export function expand<T, O extends ObservableInput<unknown>>(
  project: (value: T, index: number) => O,
  concurrent?: number,
  scheduler?: SchedulerLike,
): OperatorFunction<T, ObservedValueOf<O>> {
  return (source) =>
    through<T, T>(source, {
      role: 'works',
      plain: (values, keeper) => {
        const work = ({ value, root }: Descendant<T>, index: number) => {
          const children = from(project(value, index) as ObservableInput<T>);
          return finished(children, () => --root.unfinished === 0 && keeper.release([root.kept])).pipe(
            map((child): Descendant<T> => {
              root.unfinished++;
              return { value: child, root };
            }),
          );
        };
        return values.pipe(
          map((kept): Descendant<T> => ({ value: kept.value, root: { kept, unfinished: 1 } })),
          // RxJS's type requires a scheduler with a concurrency, but at run time none is needed.

          rxExpand(work, concurrent, scheduler),
          map(({ value, root }) => ({ value, held: root.kept.held })),
        );
      },
    }) as never;
}

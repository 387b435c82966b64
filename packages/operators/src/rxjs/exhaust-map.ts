import {
  exhaustMap as rxExhaustMap,
  filter,
  type ObservableInput,
  type ObservedValueOf,
  type OperatorFunction,
} from 'rxjs';
import { innerWork } from './kept/inner-work.js';
import type { Kept } from './kept/keeper.js';
import { through } from './kept/through.js';

/**
 * RxJS's `exhaustMap`, which holds the event of a value, and the events dropped meanwhile, until the work has
 * completed.
 *
 * ```marble
 * source  -a--b-c-d-----|
 *         exhaustMap(save)        save takes 3, then emits the value
 * result  ----a----c----|
 * settled ----(ab)-(cd)--
 * ```
 *
 * - Complete, error: as RxJS's. On an error, other work is unsubscribed and its events are not settled.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: results are emitted in the scope of their event and of the events dropped since. A dropped event is
 *   settled together with the value under work. When these events fill the window, no more come until the work is done.
 * - Memory: one value; and a claim on each event dropped, on a rxforce stream at most its window.
 */
export function exhaustMap<T, O extends ObservableInput<unknown>>(
  project: (value: T, index: number) => O,
): OperatorFunction<T, ObservedValueOf<O>> {
  return (source) =>
    through<T, ObservedValueOf<O>>(source, {
      role: 'works',
      plain: (values, keeper) => {
        let running: Kept<T> | undefined;
        return values.pipe(
          filter((kept) => {
            if (running) keeper.dropFor(kept, running);
            return running === undefined;
          }),
          rxExhaustMap((kept, index) => {
            running = kept;
            const work = project(kept.value, index) as ObservableInput<ObservedValueOf<O>>;
            return innerWork(kept, keeper, work, () => {
              running = undefined;
              keeper.release([kept]);
            });
          }),
        );
      },
    });
}

import { mergeScan as rxMergeScan, type Observable, type ObservableInput, type OperatorFunction } from 'rxjs';
import { innerWork } from './kept/inner-work.js';
import type { Kept } from './kept/keeper.js';
import { through, type Emission } from './kept/through.js';

/**
 * RxJS's `mergeScan`, which holds the event of each value until the work on it has completed.
 *
 * ```marble
 * source  -a---b------|
 *         mergeScan(append, '')   append takes 3, then emits the state with the value behind
 * result  ----x---y---|      x = a, y = ab
 * settled ----a---b----
 * ```
 *
 * - Complete, error: as RxJS's. On an error, other work is unsubscribed and its events are not settled.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until its inner Observable has completed. Results are emitted in the event's scope. The
 *   state is lost with the process: save it in the work.
 * - Memory: the state, and the values that wait.
 */
export function mergeScan<T, R>(
  accumulator: (acc: R, value: T, index: number) => ObservableInput<R>,
  seed: R,
  concurrent = Infinity,
): OperatorFunction<T, R> {
  return (source) =>
    through<T, R>(source, {
      role: 'works',
      plain: (values, keeper) =>
        rxMergeScan<Kept<T>, Pick<Emission<R>, 'value'>>(
          (state, kept, index) => innerWork(kept, keeper, accumulator(state.value, kept.value, index)),
          { value: seed },
          concurrent,
        )(values) as Observable<Emission<R>>,
    });
}

import { debounce as rxDebounce, type MonoTypeOperatorFunction, type ObservableInput } from 'rxjs';
import { latest } from './kept/latest.js';

/**
 * RxJS's `debounce`, which holds the events of the value that it keeps, and of the values that it has superseded.
 *
 * ```marble
 * source  -a-b-c------d--|
 *         debounce(quiet)         quiet emits after 4
 * result  ---------c-----(d|)
 * settled ---------(abc)-d---
 * ```
 *
 * - Complete: as RxJS's. A kept value that will never be emitted is settled, like a value that a filter drops.
 * - Error, unsubscribe: drops what was kept, without settling it.
 * - Delivery: a value is emitted in the scope of its event and of the events that it has superseded, which are settled
 *   with it. When all events of the window are kept, so that no more can come, superseded events are settled early.
 * - Memory: one value; and a claim on each event superseded, on a rxforce stream at most its window.
 */
export function debounce<T>(durationSelector: (value: T) => ObservableInput<unknown>): MonoTypeOperatorFunction<T> {
  return (source) =>
    latest(
      source,
      rxDebounce(({ value }) => durationSelector(value)),
    );
}

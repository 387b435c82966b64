import { defaultIfEmpty, filter, throwIfEmpty, type Observable, type OperatorFunction, type TruthyTypesOf } from 'rxjs';
import { takeLast } from './take-last.js';

/**
 * RxJS's `last`, which holds the event of the last value until it is emitted.
 *
 * ```marble
 * source  -a-b-c--|
 *         last()
 * result  --------(c|)
 * settled --------(abc)
 * ```
 *
 * - Complete: emits the last value, then completes. Without one, emits the default or errors with RxJS's `EmptyError`.
 * - Error, unsubscribe: drops the value, without settling it.
 * - Delivery: a value that the predicate refuses is settled at once; otherwise as with `takeLast(1)`.
 * - Memory: one value; and a claim on each event superseded, on a rxforce stream at most its window.
 */
export function last<T>(predicate: BooleanConstructor): OperatorFunction<T, TruthyTypesOf<T>>;
export function last<T, D>(predicate: BooleanConstructor, defaultValue: D): OperatorFunction<T, TruthyTypesOf<T> | D>;
export function last<T, D = T>(predicate?: null, defaultValue?: D): OperatorFunction<T, T | D>;
export function last<T, S extends T>(
  predicate: (value: T, index: number, source: Observable<T>) => value is S,
  defaultValue?: S,
): OperatorFunction<T, S>;
export function last<T, D = T>(
  predicate: (value: T, index: number, source: Observable<T>) => boolean,
  defaultValue?: D,
): OperatorFunction<T, T | D>;
export function last<T, D>(
  ...[predicate, ...defaults]: [
    predicate?: ((value: T, index: number, source: Observable<T>) => boolean) | null,
    defaultValue?: D,
  ]
): OperatorFunction<T, T | D> {
  return (source) => {
    const chosen = predicate ? source.pipe(filter((value, index) => predicate(value, index, source))) : source;
    const [defaultValue] = defaults;
    const end: OperatorFunction<T, T | D> = defaults.length > 0 ? defaultIfEmpty(defaultValue as D) : throwIfEmpty();
    return chosen.pipe(takeLast(1), end);
  };
}

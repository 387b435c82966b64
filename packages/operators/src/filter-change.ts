import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import type { ChangePredicate } from './fields/change-predicate.js';
import { checkFunction } from '@rxforce/core/internal';

/**
 * Passes on the values for which a predicate is true. It drops those for which the predicate is false or `undefined`.
 *
 * ```marble
 * source  -a-b-c-|              a = { Amount: 5, Stage: 'Won' }, b = { Amount: 50, Stage: 'Lost' }, c = { Amount: 50, Stage: 'Won' }
 *         filterChange(allOf(field('Amount', 'greaterThan', 10), not(field('Stage', 'equals', 'Lost'))))
 * result  -----c-|
 * settled -a-b-c--
 * ```
 *
 * - Complete, unsubscribe: passed on.
 * - Error: passed on, and so is an error thrown by the predicate.
 * - Delivery: dropped values are settled.
 *
 * @param predicate - Made by `field`, by `allOf`, `anyOf` and `not`, or a function of your own that returns a boolean,
 * or `undefined` where the event does not say.
 * @throws `ConfigurationError` when `predicate` is not a function.
 */
export function filterChange<E>(predicate: ChangePredicate<E>): MonoTypeOperatorFunction<E> {
  checkFunction('filterChange() got the predicate', predicate);
  return filter((event) => predicate(event) === true);
}

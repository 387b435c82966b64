import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import { CHANGE_TYPES, ConfigurationError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';

/**
 * Passes on the change events of the given types, and drops the others.
 *
 * ```marble
 * source  -c-u-d-u-|
 *         byChangeType('CREATE', 'DELETE')
 * result  -c---d---|
 * ```
 *
 * - Complete, error, unsubscribe: passed on.
 * - Delivery: what is dropped is settled.
 *
 * @param types - One or more change types.
 * @throws `ConfigurationError` when there is none, or one that does not exist.
 */
export function byChangeType<E extends Pick<ChangeEvent, 'header'>>(
  ...types: readonly ChangeType[]
): MonoTypeOperatorFunction<E> {
  const unknown = types.find((type) => !CHANGE_TYPES.includes(type));
  if (types.length === 0 || unknown !== undefined) {
    const given = unknown === undefined ? 'none' : `"${unknown}"`;
    throw new ConfigurationError(`byChangeType() got ${given}. Give one or more of ${CHANGE_TYPES.join(', ')}.`);
  }
  return filter(({ header }) => types.includes(header.changeType));
}

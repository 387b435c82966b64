import { filter, type OperatorFunction } from 'rxjs';
import { CHANGE_TYPES, ConfigurationError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';

/** A change type, or `'GAP'` for all five that begin with it, GAP_OVERFLOW included. */
export type ChangeTypeOrGroup = ChangeType | 'GAP';

/** An event `E` whose change type is known, as `byChangeType` passes it on. */
export type OfChangeType<E, C extends ChangeTypeOrGroup> = E & {
  readonly header: { readonly changeType: C extends 'GAP' ? Extract<ChangeType, `GAP_${string}`> : C };
};

/**
 * Passes on the change events of the given types, and drops the others. The events that it emits have the narrowed
 * type.
 *
 * ```marble
 * source  -c-u-d-u-|
 *         byChangeType('CREATE', 'DELETE')
 * result  -c---d---|
 * settled -c-u-d-u--
 * ```
 *
 * - Complete, error, unsubscribe: passed on.
 * - Delivery: dropped events are settled. Drop gaps only where a missed change does not matter.
 *
 * @param types - One or more change types; `'GAP'` stands for `GAP_CREATE`, `GAP_UPDATE`, `GAP_DELETE`, `GAP_UNDELETE`
 * and `GAP_OVERFLOW`.
 * @throws `ConfigurationError` when no type is given, or one that does not exist.
 */
export function byChangeType<
  E extends Pick<ChangeEvent, 'header'>,
  const C extends ChangeTypeOrGroup = ChangeTypeOrGroup,
>(...types: readonly C[]): OperatorFunction<E, OfChangeType<E, C>> {
  const wanted = new Set<ChangeType>(types.flatMap(membersOf));
  if (wanted.size === 0) throw refused('none');
  return filter((event): event is OfChangeType<E, C> => wanted.has(event.header.changeType));
}

function membersOf(type: ChangeTypeOrGroup): readonly ChangeType[] {
  const members = CHANGE_TYPES.filter((each) => each === type || (type === 'GAP' && each.startsWith('GAP_')));
  if (members.length === 0) throw refused(`"${type}"`);
  return members;
}

function refused(given: string): ConfigurationError {
  return new ConfigurationError(
    `byChangeType() got ${given}. Give one or more of ${CHANGE_TYPES.join(', ')}, or GAP for all that begin with it.`,
  );
}

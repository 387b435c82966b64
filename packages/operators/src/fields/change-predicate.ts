import { ConfigurationError } from '@rxforce/core/model';

/**
 * Says whether something is true of an event: `undefined` where the event does not tell. A change event often does not: an
 * UPDATE has null for each field that did not change.
 *
 * A function that returns plain booleans is one, too.
 */
export type ChangePredicate<E> = (event: E) => boolean | undefined;

/**
 * True when all are; false when one is, whatever the others do not tell; else `undefined`. They are asked in order, up to the
 * first that is false.
 *
 * @param predicates - One or more, made by `field` or your own.
 * @throws `ConfigurationError` when there is none.
 */
export function allOf<E>(...predicates: readonly ChangePredicate<E>[]): ChangePredicate<E> {
  return unlessOneSays(false, 'allOf', predicates);
}

/**
 * True when one is, whatever the others do not tell; false when none is; else `undefined`. They are asked in order, up to the
 * first that is true.
 *
 * @param predicates - One or more, made by `field` or your own.
 * @throws `ConfigurationError` when there is none.
 */
export function anyOf<E>(...predicates: readonly ChangePredicate<E>[]): ChangePredicate<E> {
  return unlessOneSays(true, 'anyOf', predicates);
}

/**
 * True when the other is false, and false when it is true. What the event does not tell stays `undefined`: the null of a field
 * that did not change is not taken for a value here either.
 */
export function not<E>(predicate: ChangePredicate<E>): ChangePredicate<E> {
  return (event) => opposite(predicate(event));
}

/** For what is told of an event already: whether it is the other way round. */
export function opposite(told: boolean | undefined): boolean | undefined {
  return told === undefined ? undefined : !told;
}

/** For what is told of an event already: whether both are true. */
export function both(one: boolean | undefined, other: boolean | undefined): boolean | undefined {
  if (one === false || other === false) return false;
  return one === undefined || other === undefined ? undefined : true;
}

function unlessOneSays<E>(
  decisive: boolean,
  name: string,
  predicates: readonly ChangePredicate<E>[],
): ChangePredicate<E> {
  if (predicates.length === 0) {
    throw new ConfigurationError(`${name}() got no predicate. Give one or more, such as field('Name', 'isNotNull').`);
  }
  return (event) => {
    let result: boolean | undefined = !decisive;
    for (const predicate of predicates) {
      const told = predicate(event);
      if (told === decisive) return decisive;
      if (told === undefined) result = undefined;
    }
    return result;
  };
}

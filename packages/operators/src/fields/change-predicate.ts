import { ConfigurationError } from '@rxforce/core/model';

/**
 * Says whether something is true of an event; `undefined` means that the event does not say. A change event often does
 * not say: an UPDATE has null for each field that did not change.
 *
 * A function that returns plain booleans is also a predicate.
 */
export type ChangePredicate<E> = (event: E) => boolean | undefined;

/**
 * True when all predicates are true; false when one is false, even if others are `undefined`; else `undefined`. They
 * are called in order, up to the first that is false.
 *
 * @param predicates - One or more, made by `field` or your own.
 * @throws `ConfigurationError` when no predicate is given.
 */
export function allOf<E>(...predicates: readonly ChangePredicate<E>[]): ChangePredicate<E> {
  return unlessOneSays(false, 'allOf', predicates);
}

/**
 * True when one predicate is true, even if others are `undefined`; false when all are false; else `undefined`. They are
 * called in order, up to the first that is true.
 *
 * @param predicates - One or more, made by `field` or your own.
 * @throws `ConfigurationError` when no predicate is given.
 */
export function anyOf<E>(...predicates: readonly ChangePredicate<E>[]): ChangePredicate<E> {
  return unlessOneSays(true, 'anyOf', predicates);
}

/**
 * True when the predicate is false, and false when it is true. `undefined` stays `undefined`: here too, the null of a
 * field that did not change is not taken for a value.
 */
export function not<E>(predicate: ChangePredicate<E>): ChangePredicate<E> {
  return (event) => opposite(predicate(event));
}

/** Negates an answer of a predicate; `undefined` stays `undefined`. */
export function opposite(told: boolean | undefined): boolean | undefined {
  return told === undefined ? undefined : !told;
}

/** Combines two answers of predicates: whether both are true. */
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

/** What holds at this moment, such as the delivery in scope. */
export interface Current<T> {
  /** The value that was entered last. */
  current(): T | undefined;
  /** Puts a value, or none, in place of the one before. */
  enter(value: T | undefined): void;
}

/**
 * One variable for the whole process, so that two copies of this package (an app's and an operator library's) see the
 * same value. They share only methods, under a version. The implementation of the methods may change.
 *
 * @param name - With its version, such as `delivery-scope/2`.
 */
export function processWide<T>(name: string): Current<T> {
  const key = Symbol.for(`@rxforce/core/${name}`);
  const registry = globalThis as Record<symbol, Current<T> | undefined>;
  return (registry[key] ??= variable<T>());
}

function variable<T>(): Current<T> {
  let current: T | undefined;
  return {
    current: () => current,
    enter: (value) => {
      current = value;
    },
  };
}

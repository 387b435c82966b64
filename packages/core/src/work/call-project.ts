import { EMPTY, from, isObservable, tap, type Observable, type ObservableInput, type ObservedValueOf } from 'rxjs';
import { ConfigurationError } from '../model/errors.js';
import { isThenable } from '../delivery/waiting-observer.js';

/**
 * The return value of a function that starts the work on a value. It returns nothing where the work is already done.
 */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a function may just return
export type Work = ObservableInput<unknown> | void;

/** The values that work emits. */
export type WorkResult<W> = W extends ObservableInput<unknown> ? ObservedValueOf<W> : never;

/** Errors of functions that misuse their operator. A retry, or putting the value aside, would hide the mistake. */
const misuses = new WeakSet<object>();

/** Whether an error says that a function misuses its operator. */
export function isMisuse(error: unknown): boolean {
  return typeof error === 'object' && error !== null && misuses.has(error);
}

/**
 * Starts the work on a value, and returns what it emits. A function that returns nothing has done its work. A promise
 * as a result is a mistake: its work would continue after the event had counted as done.
 *
 * @param caller - The operator of the function, for messages, such as `handle()`.
 * @param started - Called with work that cannot be stopped.
 * @throws the error of the function, and a `ConfigurationError` for a return value that is a mistake.
 */
export function callProject<R>(
  caller: string,
  project: () => Work,
  started: (work: PromiseLike<unknown>) => void,
): Observable<R> {
  const work = project();
  if (work == null) return EMPTY;
  // Observables are checked first: one that rejects `await` is still work.
  if (isThenable(work) && !isObservable(work)) {
    started(work);
    return from(work) as Observable<R>;
  }
  if (Array.isArray(work)) {
    work.forEach((result) => checkResult(caller, result));
    return from(work as R[]);
  }
  if (!isInput(work)) throw misuse(`${caller} got ${describe(work)} from its function. Return ${RETURN}.`);
  return (from(work) as Observable<R>).pipe(tap((result) => checkResult(caller, result)));
}

const RETURN = 'a promise, an Observable or an iterable of results, or nothing where the work is done by then';

function checkResult(caller: string, result: unknown): void {
  if (!isThenable(result)) return;
  throw misuse(
    `${caller} got a promise as a result of its function, which would be taken for work that is done. Return ` +
      'Promise.all(…) of the promises in place of an array of them (not events.map(save), but ' +
      'Promise.all(events.map(save))), and the promise itself in place of of(promise).',
  );
}

/** The symbol that a polyfill may add. */
const OBSERVABLE: symbol = (Symbol as { readonly observable?: symbol }).observable ?? Symbol.iterator;

/** An input of RxJS has one of these methods, or is like an array. */
const INPUT_METHODS = ['subscribe', 'getReader', '@@observable', Symbol.iterator, Symbol.asyncIterator, OBSERVABLE];

function isInput(work: object | string): boolean {
  if (typeof work === 'string' || isObservable(work)) return true;
  if (typeof work !== 'object' && typeof work !== 'function') return false;
  if ('length' in work) return true;
  return INPUT_METHODS.some((name) => typeof (work as Record<PropertyKey, unknown>)[name] === 'function');
}

function misuse(message: string): ConfigurationError {
  const error = new ConfigurationError(message);
  misuses.add(error);
  return error;
}

function describe(value: unknown): string {
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${JSON.stringify(value)}`;
}

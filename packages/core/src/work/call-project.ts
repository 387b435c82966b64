import {
  defer,
  EMPTY,
  from,
  isObservable,
  tap,
  type Observable,
  type ObservableInput,
  type ObservedValueOf,
} from 'rxjs';
import { ConfigurationError } from '../model/errors.js';
import { isThenable } from '../delivery/waiting-observer.js';

/** What the function that starts the work on a value may return: nothing, where the work is done by then. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a function may just return
export type Work = ObservableInput<unknown> | void;

/** What work emits. */
export type WorkResult<W> = W extends ObservableInput<unknown> ? ObservedValueOf<W> : never;

/**
 * Errors of a function that misuses its operator: to try it again, or to put the value aside, would hide the mistake.
 */
const misuses = new WeakSet<object>();

/** Whether an error says that a function misuses its operator. */
export function isMisuse(error: unknown): boolean {
  return typeof error === 'object' && error !== null && misuses.has(error);
}

/**
 * Starts the work on a value, when it is subscribed to. A function that returns nothing has done its work. A promise as
 * a result is a mistake: whatever it stands for would go on after its event had counted as done.
 *
 * @param caller - Whose function it is, for the messages: such as `handle()`.
 * @param started - Told of work that cannot be stopped.
 */
export function callProject<R>(
  caller: string,
  project: () => Work,
  started: (work: PromiseLike<unknown>) => void,
): Observable<R> {
  return defer(() => {
    const work = project();
    if (work == null) return EMPTY;
    // An Observable first: one that says that it must not be awaited is none the less work.
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
  });
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

/** Where a polyfill gives it one. */
const OBSERVABLE: symbol = (Symbol as { readonly observable?: symbol }).observable ?? Symbol.iterator;

/** What RxJS makes an Observable of has one of these, or is like an array. */
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

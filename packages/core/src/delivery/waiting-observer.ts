import { Subject, type Observer } from 'rxjs';
import { hold } from './hold.js';
import { scope } from './scope.js';

/** Whether a function is written with `async`. Such a function works before it has returned anything. */
export function worksAsynchronously(next: unknown): boolean {
  return Object.prototype.toString.call(next) === '[object AsyncFunction]';
}

/**
 * Makes a last subscriber that waits for its work. Where `next` returns a promise, its event is held until the promise
 * settles, and fails when the promise rejects.
 */
export function waitingObserver<T>(observer: Partial<Observer<T>>): Partial<Observer<T>> {
  // A Subject returns at once, whatever its subscribers do.
  if (typeof observer.next !== 'function' || observer instanceof Subject) return observer;
  const next = (value: T): void => {
    const delivery = scope.current();
    const claims = delivery?.claims;
    const result: unknown = observer.next?.(value);
    if (isThenable(result)) waitFor(result, value);
    // A holder of the event continues to work on it, and releases it when the work is done.
    else if (delivery?.claims === claims) delivery?.take('subscriber');
  };
  return {
    next,
    ...(observer.error && { error: (error: unknown) => observer.error?.(error) }),
    ...(observer.complete && { complete: () => observer.complete?.() }),
  };
}

function waitFor(result: PromiseLike<unknown>, value: unknown): void {
  const held = hold(value, 'works');
  held.track(result);
  result.then(
    () => held.release(),
    (reason: unknown) => {
      // An error without a delivery to fail, or with a settled one, must not vanish.
      if (['none', 'dead'].includes(held.state())) throw reason;
      held.fail(reason);
    },
  );
}

/** Whether a value is a promise, of whatever kind. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

import { Subject, type Observer } from 'rxjs';
import { hold } from './hold.js';
import { scope } from './scope.js';

/** Whether a function is written with `async`: it works before it has returned anything. */
export function worksAsynchronously(next: unknown): boolean {
  return Object.prototype.toString.call(next) === '[object AsyncFunction]';
}

/**
 * A last subscriber whose work is waited for: an event whose `next` returns a promise is held until that settles, and fails
 * with it.
 */
export function waitingObserver<T>(observer: Partial<Observer<T>>): Partial<Observer<T>> {
  // A Subject returns at once, whatever is behind it.
  if (typeof observer.next !== 'function' || observer instanceof Subject) return observer;
  const next = (value: T): void => {
    const delivery = scope.current();
    const claims = delivery?.claims;
    const result: unknown = observer.next?.(value);
    if (isThenable(result)) waitFor(result, value);
    // Whoever holds the event goes on with it, and lets go of it when that is done.
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
      // What has no delivery to fail, or one that is settled, must not vanish.
      if (['none', 'dead'].includes(held.state())) throw reason;
      held.fail(reason);
    },
  );
}

/** Whether a value is a promise, of whatever kind. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

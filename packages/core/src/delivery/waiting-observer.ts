import { Subject, type Observer } from 'rxjs';
import { hold } from './hold.js';
import { isPart } from './part.js';
import { scope } from './scope.js';

/** Whether a function is written with `async`. Such a function works before it has returned anything. */
export function worksAsynchronously(next: unknown): boolean {
  return Object.prototype.toString.call(next) === '[object AsyncFunction]';
}

/** How many calls of `next` of last subscribers are running, one in the other. */
let inLastSubscribers = 0;

/** Whether a last subscriber's `next` is running at this moment. */
export function isInLastSubscriber(): boolean {
  return inLastSubscribers > 0;
}

/**
 * Makes a last subscriber that waits for its work. Where `next` returns a promise, its event is held until the promise
 * settles, and fails when the promise rejects.
 *
 * @param shows - Whether a call that returns shows that somebody works.
 */
export function waitingObserver<T>(observer: Partial<Observer<T>>, shows = true): Partial<Observer<T>> {
  // A Subject returns at once, whatever its subscribers do.
  if (typeof observer.next !== 'function' || observer instanceof Subject) return observer;
  const next = (value: T): void => {
    const delivery = scope.current();
    const claims = delivery?.claims;
    inLastSubscribers++;
    let result: unknown;
    try {
      result = observer.next?.(value);
    } finally {
      inLastSubscribers--;
    }
    if (isThenable(result)) waitFor(result, value);
    // A group holds no events: what its subscribers do counts. A holder of the event continues to work on it.
    else if (shows && !isPart(value) && delivery?.claims === claims) delivery?.take('subscriber');
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

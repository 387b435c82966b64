import { isObservable, Observable, tap } from 'rxjs';
import { isThenable } from '../delivery/waiting-observer.js';

/** How work on a value ended. */
export type WorkEnd =
  { readonly type: 'ok' } | { readonly type: 'failed'; readonly error: unknown } | { readonly type: 'unsubscribed' };

/** Sees the work on a value. */
export interface WorkWatch {
  /** Calls a part of the work: its start, its subscription, a step of its iteration. */
  within<T>(call: () => T): T;
  /** The work is over. Called once. */
  ended(end: WorkEnd): void;
}

/**
 * Starts the work on a value, and sees how it ends. What the function returns keeps its kind: a promise, an Observable,
 * an iterable, or nothing.
 */
export function watchWork<W>(start: () => W, watch: WorkWatch): W {
  let isOver = false;
  const once: WorkWatch = {
    within: (call) => watch.within(call),
    ended: (end) => {
      if (isOver) return;
      isOver = true;
      watch.ended(end);
    },
  };
  let work: W;
  try {
    work = watch.within(start);
  } catch (error) {
    once.ended({ type: 'failed', error });
    throw error;
  }
  return watched(work, once) as W;
}

function watched(work: unknown, watch: WorkWatch): unknown {
  if (isObservable(work)) return watchedObservable(work, watch);
  if (isThenable(work)) return watchedPromise(work, watch);
  const { [Symbol.asyncIterator]: each, [Symbol.iterator]: eachNow } = Object(work) as Partial<
    AsyncIterable<unknown> & Iterable<unknown>
  >;
  if (typeof each === 'function') return watchedAsync(work as AsyncIterable<unknown>, watch);
  if (typeof eachNow === 'function' && !Array.isArray(work) && typeof work !== 'string') {
    return watchedIterable(work as Iterable<unknown>, watch);
  }
  watch.ended({ type: 'ok' });
  return work;
}

function watchedObservable(work: Observable<unknown>, watch: WorkWatch): Observable<unknown> {
  const ending = tap<unknown>({
    complete: () => watch.ended({ type: 'ok' }),
    error: (error: unknown) => watch.ended({ type: 'failed', error }),
    unsubscribe: () => watch.ended({ type: 'unsubscribed' }),
  });
  return new Observable((subscriber) => watch.within(() => work.pipe(ending).subscribe(subscriber)));
}

function watchedPromise(work: PromiseLike<unknown>, watch: WorkWatch): PromiseLike<unknown> {
  return work.then(
    (value) => {
      watch.ended({ type: 'ok' });
      return value;
    },
    (error: unknown) => {
      watch.ended({ type: 'failed', error });
      throw error;
    },
  );
}

async function* watchedAsync(work: AsyncIterable<unknown>, watch: WorkWatch): AsyncGenerator {
  let end: WorkEnd = { type: 'unsubscribed' };
  const iterator = watch.within(() => work[Symbol.asyncIterator]());
  try {
    for (;;) {
      const step = await watch.within(() => iterator.next());
      if (step.done === true) break;
      yield step.value;
    }
    end = { type: 'ok' };
  } catch (error) {
    end = { type: 'failed', error };
    throw error;
  } finally {
    try {
      if (end.type === 'unsubscribed') await iterator.return?.();
    } finally {
      watch.ended(end);
    }
  }
}

function* watchedIterable(work: Iterable<unknown>, watch: WorkWatch): Generator {
  let end: WorkEnd = { type: 'unsubscribed' };
  const iterator = watch.within(() => work[Symbol.iterator]());
  try {
    for (;;) {
      const step = watch.within(() => iterator.next());
      if (step.done === true) break;
      yield step.value;
    }
    end = { type: 'ok' };
  } catch (error) {
    end = { type: 'failed', error };
    throw error;
  } finally {
    try {
      if (end.type === 'unsubscribed') iterator.return?.();
    } finally {
      watch.ended(end);
    }
  }
}

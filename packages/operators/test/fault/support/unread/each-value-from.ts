import type { Observable } from 'rxjs';

/** Iterates over what an Observable emits, keeping what has not been asked for, as small libraries do it. */
export async function* eachValueFrom<T>(source: Observable<T>): AsyncGenerator<T> {
  const values: T[] = [];
  const end: { reached?: true; error?: Error } = {};
  let wake: () => void = () => undefined;
  const subscription = source.subscribe({
    next: (value) => {
      values.push(value);
      wake();
    },
    error: (error: unknown) => {
      end.error = error as Error;
      wake();
    },
    complete: () => {
      end.reached = true;
      wake();
    },
  });
  try {
    for (;;) {
      if (values.length > 0) yield values.shift() as T;
      else if (end.error) throw end.error;
      else if (end.reached) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    subscription.unsubscribe();
  }
}

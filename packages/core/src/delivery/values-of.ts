import type { Observer, Subscription } from 'rxjs';
import type { Hold } from './delivery.js';
import { hold } from './hold.js';

/**
 * The values of a subscription, one by one, for `for await`. Each value is held until the next one is asked for.
 *
 * @param subscribe - Called when the first value is asked for.
 */
export async function* valuesOf<T>(
  subscribe: (observer: Partial<Observer<T>>) => Subscription,
): AsyncGenerator<T, void, undefined> {
  const waiting: { readonly value: T; readonly held: Hold }[] = [];
  let ended: { readonly error?: unknown } | undefined;
  let wake: () => void = () => undefined;
  let inWork: Hold | undefined;
  const end = (how: { readonly error?: unknown }) => {
    ended ??= how;
    wake();
  };
  const subscription = subscribe({
    next: (value) => {
      waiting.push({ value, held: hold(value, 'works') });
      wake();
    },
    error: (error: unknown) => end({ error }),
    complete: () => end({}),
  });
  try {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) {
        inWork = next.held;
        yield next.value;
        inWork.release();
        inWork = undefined;
      } else if (ended === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
      } else if ('error' in ended) {
        throw ended.error;
      } else {
        return;
      }
    }
  } finally {
    subscription.unsubscribe();
    inWork?.abandon();
    waiting.forEach(({ held }) => held.abandon());
  }
}

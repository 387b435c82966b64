import type { Observable, Subscriber } from 'rxjs';
import { hold, operate } from '@rxforce/core/delivery';
import type { SteppedThingStream } from './stepped-time.js';

/** The names of some events: `e1`, `e2`, and so on. */
export const range = (count: number) => Array.from({ length: count }, (_, index) => `e${index + 1}`);

/** The least that works: holds each value for a time, then passes it on. */
export function work<T>(time: SteppedThingStream['time'], workMs = 5, done: (value: T) => void = () => undefined) {
  return (source: Observable<T>) =>
    operate(source, 'works', (subscriber: Subscriber<T>) => ({
      next: (value) => {
        const held = hold(value, 'works');
        const pending = time.schedule(() => {
          done(value);
          held.emit(subscriber, value);
          held.release();
        }, workMs);
        subscriber.add(pending);
        subscriber.add(() => held.abandon());
      },
    }));
}

import { hold, operate } from '@rxforce/core/delivery';
import type { MonoTypeOperatorFunction } from 'rxjs';

/**
 * Passes events on, and says that what follows works on them. A client commits nothing before it has seen work, as it
 * cannot know whether a pipeline does any; a filter that drops each event would look like none. It is for what is built
 * here: for a pipeline of a user, the client finds that out.
 */
export function ownWork<T>(): MonoTypeOperatorFunction<T> {
  return (source) =>
    operate(source, 'works', (subscriber) => ({
      next: (event: T) => {
        const held = hold(event, 'works');
        if (subscriber.closed) {
          held.abandon();
          return;
        }
        subscriber.next(event);
        held.release();
      },
    }));
}

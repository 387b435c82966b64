import { from, type ObservableInput, type OperatorFunction, type Subscriber } from 'rxjs';
import { operate, subscribeInner } from '@rxforce/core/delivery';
import { OpenBuffers } from './kept/open-buffers.js';

/**
 * RxJS's `bufferToggle`, which holds the events of the values that it collects.
 *
 * ```marble
 * source  -a-b-c----d-e-f-|
 *         bufferToggle(openings, closing)         opened at 2 and 11, each closed 4 later
 * result  ------x--------y|      x = [b, c], y = [e, f]
 * settled -a----(bc)d----(ef)
 * ```
 *
 * - Complete: emits what was collected, then completes.
 * - Error, unsubscribe: drops what was collected, without settling it.
 * - Delivery: each array is emitted in the scope of all its events. A value that is in no buffer is settled at once.
 *   When all events of the window are kept, so that no more can come, buffers emit their values early, and later values
 *   at their end.
 * - Memory: the values in the buffers, on a rxforce stream at most its window.
 */
export function bufferToggle<T, O>(
  openings: ObservableInput<O>,
  closingSelector: (value: O) => ObservableInput<unknown>,
): OperatorFunction<T, T[]> {
  return (source) =>
    operate(source, 'keeps', (subscriber: Subscriber<T[]>) => {
      const buffers = new OpenBuffers<T>(subscriber);
      subscribeInner(from(openings), subscriber, {
        next: (opening) => {
          const buffer = buffers.begin();
          subscribeInner(from(closingSelector(opening)), subscriber, {
            next: (_value, closing) => {
              buffers.end(buffer);
              closing.unsubscribe();
            },
            complete: () => undefined,
          });
        },
        complete: () => undefined,
      });
      return {
        next: (value) => buffers.all().forEach((buffer) => buffers.add(buffer, value)),
        complete: () => buffers.complete(),
      };
    });
}

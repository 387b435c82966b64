import { Observable, type OperatorFunction } from 'rxjs';
import { hold, type Hold } from '@rxforce/core/delivery';

/** The smallest operator that holds: hands each value and its hold to the test, which decides what becomes of them. */
export function keep<T, R = T>(
  onValue: (value: T, held: Hold, emit: (result: R) => void) => void,
): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      const holds: Hold[] = [];
      subscriber.add(() => holds.forEach((held) => held.abandon()));
      subscriber.add(
        source.subscribe({
          next: (value) => {
            const held = hold(value);
            holds.push(held);
            onValue(value, held, (result) => held.emit(subscriber, result));
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    });
}

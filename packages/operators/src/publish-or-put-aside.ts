import { defer, map, of, tap, type Observable, type OperatorFunction } from 'rxjs';
import { checkOptionNames, ConfigurationError, Err, Ok, type PublishError, type Result } from '@rxforce/core/model';
import { askQueue, PUT_ASIDE_NAMES, resolveQueuePolicy } from '@rxforce/dead-letters/internal';
import { checkFunction } from '@rxforce/core/internal';
import { deadLetterOf, type DeadLetter, type DeadLetterQueue, type PutAsideOptions } from '@rxforce/dead-letters';
import { handleAs } from './handle.js';

/** How `publishOrPutAside` tries a failing queue again, and how it reports letters. */
export interface PublishOrPutAsideOptions<T> extends PutAsideOptions {
  /**
   * Called with each letter when the queue has it, before the letter is emitted, for example to log it. If it throws,
   * the stream errors.
   */
  readonly onDeadLetter?: (letter: DeadLetter<T>) => void;
}

/**
 * Publishes each event, and puts the events that are not published into a dead-letter queue. One event that does not
 * fit does not stop the stream, and is not lost.
 *
 * ```marble
 * source  -a--b----c----|
 *         publishOrPutAside(publisher, queue)          publisher takes 1; `b` is refused
 * result  --a--x----c---|      a = Ok(a), x = Err(letter of b), c = Ok(c)
 * settled -a--b----c-----
 * ```
 *
 * ```ts
 * import { map } from 'rxjs';
 *
 * client
 *   .changes<{ Name: string }>('Account')
 *   .pipe(
 *     map(({ id, data }) => ({ id, data: { Order_Number__c: data.Name } })),
 *     publishOrPutAside(client.publisher('/event/Order__e'), queue),
 *   )
 *   .subscribe();
 * ```
 *
 * A letter has the input of `publisher`, and the `PublishError`. Give events an `id`: when an event comes again after a
 * crash, its letter then replaces the earlier one. An event of rxforce that is published unchanged has the letter that
 * `deadLetterOf` makes of it. An event is also put aside when nobody knows whether it was published (`unknown`).
 *
 * To publish them again, after the field exists or the flow is repaired:
 *
 * ```ts
 * import type { PublishInput } from '@rxforce/core';
 * import { map } from 'rxjs';
 *
 * redrive(queue, (input: PublishInput) => client.publish('/event/Order__e', input).pipe(map((result) => result.unwrap())));
 * ```
 *
 * - Complete: when the source has completed, and all events are published or put aside.
 * - Error: passes on the errors of the source, of the publisher and of `onDeadLetter` at once. A `DeadLetterQueueError`
 *   when the queue still fails after its retries, or reports that the failure is permanent.
 * - Unsubscribe: unsubscribes the publisher. Events without a result are not settled, and come again after a restart.
 * - Delivery: holds each event until it is published or its letter is in the queue. Results and letters are emitted in
 *   the event's scope.
 * - Order: results and letters come in the order of the source; while a letter is put into the queue, later results
 *   wait.
 * - Memory: the events that wait; on a rxforce stream at most its window.
 *
 * @param publisher - `client.publisher(…)`: an operator with one result for each event, in order.
 * @param queue - The queue for the letters. Give each topic a queue of its own: a letter does not say where it was to
 * be published.
 * @throws `ConfigurationError` when `publisher` is not an operator, `queue` is not a queue, or an option is out of its
 * range.
 */
export function publishOrPutAside<T, P>(
  publisher: OperatorFunction<T, Result<P, PublishError>>,
  queue: Pick<DeadLetterQueue, 'put'>,
  options: PublishOrPutAsideOptions<T> = {},
): OperatorFunction<T, Result<P, DeadLetter<T>>> {
  checkFunction('publishOrPutAside() got publisher', publisher);
  if (typeof (Object(queue) as Partial<DeadLetterQueue>).put !== 'function') {
    throw new ConfigurationError('publishOrPutAside() got no queue: give it a DeadLetterQueue.');
  }
  checkOptionNames(options, NAMES, { of: 'publishOrPutAside()' });
  const { onDeadLetter } = options;
  if (onDeadLetter !== undefined) checkFunction('publishOrPutAside() got onDeadLetter', onDeadLetter);
  const policy = resolveQueuePolicy('publishOrPutAside()', options, options);
  type Outcome = Result<P, DeadLetter<T>>;

  const putAside = (input: T, error: PublishError): Observable<Outcome> => {
    const letter = letterOf(input, error, policy.scheduler.now());
    return askQueue('put', () => queue.put([letter]), policy).pipe(
      tap(() => onDeadLetter?.(letter)),
      map(() => Err(letter)),
    );
  };
  const settle = ({ input, result }: Attempt<T, P>): Observable<Outcome> =>
    result.ok ? of(Ok(result.val)) : putAside(input, result.val);

  return (source) =>
    defer(() => {
      // There is one result for each, in order. A Map, because removing the first item of a long array is slow.
      const waiting = new Map<number, T>();
      let given = 0;
      let answered = 0;
      return source.pipe(
        tap((input) => waiting.set(given++, input)),
        publisher,
        map((result) => {
          const input = waiting.get(answered) as T;
          waiting.delete(answered++);
          return { input, result };
        }),
        handleAs<Attempt<T, P>, Outcome>('publishOrPutAside()', settle, {}),
      );
    });
}

const NAMES: readonly string[] = [...PUT_ASIDE_NAMES, 'onDeadLetter'] satisfies
  (keyof PublishOrPutAsideOptions<unknown>)[] | string[];

interface Attempt<T, P> {
  readonly input: T;
  readonly result: Result<P, PublishError>;
}

/** The input is usually not an event, but may have an id, which is the same when the input comes again. */
function letterOf<T>(input: T, error: PublishError, now: number): DeadLetter<T> {
  const letter = deadLetterOf(input, error, { lastFailedAt: now });
  const { id } = Object(input) as { readonly id?: unknown };
  if (letter.topic !== undefined || typeof id !== 'string' || id === '') return letter;
  return { ...letter, id: `publish:${error.topic ?? ''}:${id}` };
}

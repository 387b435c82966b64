import { defaultIfEmpty, defer, EMPTY, from, mergeMap, of, take, type Observable, type ObservableInput } from 'rxjs';
import { ConfigurationError, type Logger } from '@rxforce/core/model';
import type { DeadLetter } from '../dead-letter-queue.js';
import { checkFunction, CONSOLE, itemsOf } from '@rxforce/core/internal';

/** How a redrive handles letters with an old value, when newer values may have been written since they failed. */
export interface OldValueOptions<T> {
  /**
   * Reads the current record, at each attempt, from the system that the event came from. The work gets the result
   * instead of the letter's value. `undefined`, `null` or no value means that the record is gone: there is no work, and
   * the letter is removed. If it fails, the attempt fails.
   *
   * @defaultValue none: the work gets the letter's value
   */
  readonly reread?: (value: T, letter: DeadLetter<T>) => ObservableInput<T | null | undefined>;
  /**
   * Whether a newer value than the letter's was written, so that the letter is removed without work. Where the other
   * system keeps the `header.commitTimestamp` of its values, compare it. It is called at each attempt, before `reread`.
   * If it fails, the attempt fails.
   *
   * @defaultValue none: there is work for each letter
   */
  readonly skipIf?: (value: T, letter: DeadLetter<T>) => boolean | PromiseLike<boolean>;
  /**
   * Says that the work may get change events as they were when they failed, because it checks for newer values itself,
   * or only adds data. Without this, `reread` or `skipIf`, the first change event of a redrive causes a warning.
   *
   * @defaultValue `false`
   */
  readonly asTheyWere?: boolean;
  /**
   * Where the warning goes.
   *
   * @defaultValue `console`
   */
  readonly logger?: Logger;
}

/** {@link OldValueOptions}, checked and complete. */
export interface OldValueRules<T> extends Pick<OldValueOptions<T>, 'reread' | 'skipIf'> {
  /** Checks a letter before the work on it. */
  readonly look: (letter: DeadLetter<T>) => void;
}

/**
 * Checks the options.
 *
 * @param caller - The name of the options' owner in messages, such as `redrive()`.
 * @throws `ConfigurationError` when one is not a function, or they contradict each other.
 */
export function resolveOldValues<T>(caller: string, options: OldValueOptions<T>): OldValueRules<T> {
  const { reread, skipIf, asTheyWere = false, logger = CONSOLE } = options;
  if (reread !== undefined) checkFunction(`${caller} got reread`, reread);
  if (skipIf !== undefined) checkFunction(`${caller} got skipIf`, skipIf);
  const isSafe = reread !== undefined || skipIf !== undefined;
  if (isSafe && asTheyWere) {
    throw new ConfigurationError(
      `${caller} got asTheyWere beside reread or skipIf, but they exclude each other: letters are worked on as they were, or not.`,
    );
  }
  let isTold = isSafe || asTheyWere;
  const look = ({ value }: DeadLetter<T>) => {
    if (isTold || !itemsOf(value).some(isChange)) return;
    isTold = true;
    logger.warn(
      `${caller} works on changes as they were when they failed, so an old value may be written over a newer one. Give reread, ` +
        'which reads the record as it is now, or skipIf, which says that something newer was written. Where the work takes ' +
        'care of that itself, say asTheyWere: true.',
    );
  };
  return { look, ...(reread && { reread }), ...(skipIf && { skipIf }) };
}

/** The value to work on; none where a newer value was written, or the record is gone. */
export function valueNow<T>(letter: DeadLetter<T>, { reread, skipIf }: OldValueRules<T>): Observable<T> {
  return defer(() => answer(skipIf?.(letter.value, letter) ?? false)).pipe(
    mergeMap((isSkipped) => {
      if (isSkipped) return EMPTY;
      return reread === undefined ? of(letter.value) : firstOf(reread(letter.value, letter));
    }),
  );
}

function answer(told: boolean | PromiseLike<boolean>): Observable<boolean> {
  return typeof told === 'boolean' ? of(told) : from(told);
}

function firstOf<T>(read: ObservableInput<T | null | undefined>): Observable<T> {
  return from(read).pipe(
    take(1),
    defaultIfEmpty(undefined),
    mergeMap((value) => (value === undefined || value === null ? EMPTY : of(value))),
  );
}

/** Letters are plain data, so a change event is recognised by its header. */
function isChange(value: unknown): boolean {
  const { header } = Object(value) as { readonly header?: { readonly changeType?: unknown } };
  return typeof header?.changeType === 'string';
}

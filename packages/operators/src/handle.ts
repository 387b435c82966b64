import { asyncScheduler, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { checkOptionNames, ConfigurationError } from '@rxforce/core/model';
import {
  callProject,
  checkCount,
  checkFunction,
  checkWait,
  keyedWork,
  recordIdsOf,
  timeLimit,
  type KeyedWorkRules,
  type Work,
  type WorkResult,
} from '@rxforce/core/internal';

/** How `handle` works on values. */
export interface HandleOptions<T> {
  /**
   * Most values worked on at a time; at least 1, `Infinity` for as many as come.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number;
  /**
   * The keys whose order is kept: a value starts only when all earlier ones that share a key with it have finished. A
   * value without keys waits for none.
   *
   * @defaultValue the record ids of a change event, or of all members of a batch or transaction; no keys for other
   * values
   */
  readonly keyBy?: (value: T) => string | readonly string[];
  /**
   * How long the work on a value may take, in milliseconds, above 0 and at most 2_147_483_647. After that the work is
   * unsubscribed, and the stream errors with a `WorkTimeoutError`. The time counts from the start of the work, not from
   * the value's arrival. A promise cannot be stopped: its work continues.
   *
   * @defaultValue `Infinity`
   */
  readonly timeoutMs?: number;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/**
 * Does asynchronous work on each value, and settles its event only when the work is done. Make every call to another
 * system here: an event whose work a crash interrupts comes again.
 *
 * ```marble
 * source  -a--b------|
 *         handle(save)          save takes 3, then emits the value
 * result  ----a--b---|
 * settled ----a--b----
 * ```
 *
 * - Complete: when the source has completed and all work is done.
 * - Error: passes on the error of `project`, of its work, of `keyBy` or of the source, and unsubscribes other work.
 *   With a `timeoutMs`, a `WorkTimeoutError` too. The end of the error's stack names the event whose work failed; so do
 *   a warning of the client, and `failedEventsOf(error)` of `@rxforce/core`.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until its work has completed. Results are emitted in the event's scope.
 * - Order: work starts in order for each key; results come as they are made.
 * - Memory: the values that wait; on a rxforce stream at most its window.
 *
 * @param project - Starts the work on a value, and returns a promise, an Observable or an iterable. Each value emitted
 * is a result. The work of a function that returns nothing is done when it returns. A promise among the results, as
 * from `events.map(save)`, errors the stream with a `ConfigurationError`: return `Promise.all(events.map(save))`.
 * @throws `ConfigurationError` when `project` is not a function, or `concurrency` or `timeoutMs` is out of its range.
 */
export function handle<T, O extends Work>(
  project: (value: T, index: number) => O,
  options: HandleOptions<T> = {},
): OperatorFunction<T, WorkResult<O>> {
  return handleAs('handle()', project, options);
}

/**
 * `handle`, for operators that are built on it.
 *
 * @param caller - The name of the operator in messages, such as `handle()`.
 */
export function handleAs<T, R>(
  caller: string,
  project: (value: T, index: number) => Work,
  options: HandleOptions<T>,
): OperatorFunction<T, R> {
  checkFunction(`${caller} got project`, project);
  return keptInOrder(
    caller,
    (value, index, started) => callProject<R>(caller, () => project(value, index), started),
    options,
  );
}

/**
 * Keyed work with the options of `handle`. Its function itself reports work that cannot be stopped.
 *
 * @param caller - The name of the operator in messages, such as `handle()`.
 */
export function keptInOrder<T, R>(
  caller: string,
  project: KeyedWorkRules<T, R>['project'],
  options: HandleOptions<T>,
): OperatorFunction<T, R> {
  const { concurrency, keysOf, limit } = resolveHandleOptions(caller, options);
  // Work done one after the other is in order, whatever the keys.
  return keyedWork({ caller, concurrency, limit, project, keysOf: concurrency === 1 ? noKeys : keysOf });
}

/** The names of the options of `handle`. */
export const HANDLE_NAMES: readonly string[] = Object.keys({
  concurrency: true,
  keyBy: true,
  timeoutMs: true,
  scheduler: true,
} satisfies Record<keyof HandleOptions<unknown>, true>);

/** The rules of keyed work, made from the options. */
export type ResolvedHandleOptions<T> = Pick<KeyedWorkRules<T, unknown>, 'caller' | 'concurrency' | 'keysOf' | 'limit'>;

/**
 * Checks the options of `handle`, and of operators that work like it.
 *
 * @param caller - The name of the operator in messages, such as `handle()`.
 * @throws `ConfigurationError` when an option is unknown, or out of its range.
 */
export function resolveHandleOptions<T>(caller: string, options: HandleOptions<T>): ResolvedHandleOptions<T> {
  checkOptionNames(options, HANDLE_NAMES, { of: caller });
  const { concurrency = 1, keyBy = recordIdsOf, timeoutMs = Infinity, scheduler = asyncScheduler } = options;
  checkFunction(`${caller} got keyBy`, keyBy);
  if (timeoutMs === 0) throw new ConfigurationError(`${caller} got timeoutMs 0, but it must be above 0.`);
  return {
    caller,
    concurrency: checkCount(`${caller} got concurrency`, concurrency, 1, true),
    keysOf: (value) => {
      const keys = keyBy(value);
      return typeof keys === 'string' ? [keys] : keys;
    },
    limit: timeLimit(caller, checkWait(`${caller} got timeoutMs`, timeoutMs, true), scheduler),
  };
}

const NO_KEYS: readonly string[] = [];
const noKeys = () => NO_KEYS;

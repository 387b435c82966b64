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
   * The keys whose order is kept: a value starts only when all earlier ones that share a key with it have finished. No
   * keys: it waits for none.
   *
   * @defaultValue the record ids of a change event, for a batch or a transaction those of all its members, none
   * for other values
   */
  readonly keyBy?: (value: T) => string | readonly string[];
  /**
   * How long the work on a value may take, in milliseconds, above 0 and at most 2_147_483_647: then it is unsubscribed, and
   * the stream errors with a `WorkTimeoutError`. The time counts from the start of the work, not from the value's arrival. A
   * promise cannot be stopped: what it does goes on.
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
 * Does asynchronous work on each value, and counts an event as done only when its work is. This is the place for every
 * call to another system: what a crash interrupts comes again.
 *
 * ```marble
 * source  -a--b------|
 *         handle(save)          save takes 3, then emits the value
 * result  ----a--b---|
 * ```
 *
 * - Complete: when the source has completed and all work is done.
 * - Error: what `project` throws or errors with is passed on, as is the source's error; other work is unsubscribed. So is what
 *   `keyBy` throws, and a `WorkTimeoutError` where there is a `timeoutMs`. The event that the work was on is named at the end of
 *   the error's stack, in a warning of the client, and by `failedEventsOf(error)`
 *   of `@rxforce/core`.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until its work has completed. Results are emitted in the event's scope.
 * - Order: of the start of work by key; results come as they are made.
 * - Memory: the values waiting; on a rxforce stream at most its window.
 *
 * @param project - Starts the work on a value: a promise, an Observable, an iterable. Each value emitted is a result. A function
 * that returns nothing has done its work. A promise as a result, as `events.map(save)` gives, errors the stream with a
 * `ConfigurationError`: return `Promise.all(events.map(save))`.
 * @throws `ConfigurationError` when `project` is no function, or `concurrency` or `timeoutMs` is out of its range.
 */
export function handle<T, O extends Work>(
  project: (value: T, index: number) => O,
  options: HandleOptions<T> = {},
): OperatorFunction<T, WorkResult<O>> {
  return handleAs('handle()', project, options);
}

/**
 * `handle`, for an operator that is made of it.
 *
 * @param caller - Which operator it is, for the messages: such as `handle()`.
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
 * Keyed work with the options of `handle`, whose function tells itself of work that cannot be stopped.
 *
 * @param caller - Which operator it is, for the messages: such as `handle()`.
 */
export function keptInOrder<T, R>(
  caller: string,
  project: KeyedWorkRules<T, R>['project'],
  options: HandleOptions<T>,
): OperatorFunction<T, R> {
  const rules = resolveHandleOptions(caller, options);
  // One after the other is in order whatever the keys.
  return keyedWork({ ...rules, project, ...(rules.concurrency === 1 && { keysOf: () => NO_KEYS }) });
}

/** The names of the options of `handle`. */
export const HANDLE_NAMES: readonly string[] = Object.keys({
  concurrency: true,
  keyBy: true,
  timeoutMs: true,
  scheduler: true,
} satisfies Record<keyof HandleOptions<unknown>, true>);

/** The rules of keyed work that options give. */
export type ResolvedHandleOptions<T> = Pick<KeyedWorkRules<T, unknown>, 'caller' | 'concurrency' | 'keysOf' | 'limit'>;

/**
 * Checks the options of `handle`, and of operators that work as it does.
 *
 * @param caller - Whose they are, for the messages: such as `handle()`.
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

import { ConfigurationError } from '../model/errors.js';
import { checkOptionNames } from '../model/option-names.js';
import { ReplayId } from '../model/replay-id.js';
import { LONGEST_TIMER_MS, wholeNumber } from '../model/whole-number.js';
import type { ReplayStore } from '../ports/replay-store.js';
import type { InvalidPolicy } from '../stream-life/life-step.js';

/**
 * Where a subscription starts. `'latest'`: events from now on. `'earliest'`: all events that the service keeps (72
 * hours). A replay id: all events after it. A time: all events from then on.
 *
 * To reach a time, the client reads from the earliest event on and passes over the events before that time. It decodes
 * only their headers. They count against the org's delivery allocation all the same.
 */
export type ReplayFrom = 'latest' | 'earliest' | ReplayId | Date;

/** Where a subscription starts, and where it keeps its position. */
export interface ReplayOptions {
  /**
   * Where to start while no position is stored. A stored position takes precedence.
   *
   * @defaultValue `'latest'`
   */
  readonly from?: ReplayFrom;
  /**
   * Keeps the position, so that another process continues where this one ends: `fileReplayStore('./replay')`, for
   * example.
   *
   * @defaultValue none: a new process starts at `from`
   */
  readonly store?: ReplayStore;
  /**
   * Names the position, to tell the consumers of one topic apart. Only one subscription at a time can use a name.
   *
   * @defaultValue `'default'`
   */
  readonly name?: string;
  /**
   * What to do when the service does not know the position: it is older than 72 hours, or the org was refreshed or
   * migrated. `'fail'` errors with `replay-id-invalid`. `'earliest'` and `'latest'` continue from there, and `status$`
   * reports `replayReset`: events may be missing.
   *
   * @defaultValue `'fail'`
   */
  readonly onInvalid?: InvalidPolicy;
  /**
   * Least time between two commits, in milliseconds, from 0. A commit comes sooner when half of the window waits for
   * it.
   *
   * @defaultValue 1_000
   */
  readonly commitIntervalMs?: number;
}

/** {@link ReplayOptions}, checked and complete. */
export interface ResolvedReplay {
  readonly from: ReplayFrom;
  readonly store: ReplayStore | undefined;
  readonly name: string;
  readonly onInvalid: InvalidPolicy;
  readonly commitIntervalMs: number;
}

const REPLAY_NAMES: readonly string[] = Object.keys({
  from: true,
  store: true,
  name: true,
  onInvalid: true,
  commitIntervalMs: true,
} satisfies Record<keyof ReplayOptions, true>);

/**
 * Checks the options and fills in the defaults.
 *
 * @throws `ConfigurationError` when one is unknown or cannot be right.
 */
export function resolveReplay(replay: ReplayFrom | ReplayOptions): ResolvedReplay {
  if (isReplayFrom(replay)) return resolveReplay({ from: replay });
  if (!isPlainObject(replay)) throw invalidFrom('replay', replay);
  checkOptionNames(replay, REPLAY_NAMES, { prefix: 'replay.' });
  const { from = 'latest', store, name = 'default', onInvalid = 'fail', commitIntervalMs = 1_000 } = replay;
  if (!isReplayFrom(from)) throw invalidFrom('replay.from', from);
  if (store !== undefined && !isStore(store)) {
    throw new ConfigurationError("replay.store must be a replay store, such as fileReplayStore('./replay').");
  }
  if (store === undefined && (replay.name !== undefined || replay.commitIntervalMs !== undefined)) {
    throw new ConfigurationError(
      "replay.name and replay.commitIntervalMs need replay.store, such as fileReplayStore('./replay'): without a store " +
        'no position is kept.',
    );
  }
  if (typeof name !== 'string' || name === '') {
    throw new ConfigurationError(`replay.name is ${JSON.stringify(name)}, but must be a text, and not empty.`);
  }
  if (!['fail', 'earliest', 'latest'].includes(onInvalid)) {
    throw new ConfigurationError(
      `replay.onInvalid is ${JSON.stringify(onInvalid)}, but must be 'fail', 'earliest' or 'latest'.`,
    );
  }
  wholeNumber('replay.commitIntervalMs', commitIntervalMs, 0, LONGEST_TIMER_MS);
  return { from: ReplayId.is(from) ? ReplayId.from(from) : from, store, name, onInvalid, commitIntervalMs };
}

function isReplayFrom(value: unknown): value is ReplayFrom {
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  return value === 'latest' || value === 'earliest' || ReplayId.is(value);
}

/** An invalid Date has no fields of its own, and must not pass for `{}`. */
function isPlainObject(value: object | null): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isStore(value: Partial<ReplayStore> | null): boolean {
  return typeof value?.load === 'function' && typeof value.save === 'function';
}

function invalidFrom(name: string, value: unknown): ConfigurationError {
  return new ConfigurationError(
    `${name} is ${String(value)}, but must be 'latest', 'earliest', a ReplayId (ReplayId.parse() reads a stored one) or ` +
      `a valid Date${name === 'replay' ? ', or { from, store, name, onInvalid }' : ''}.`,
  );
}

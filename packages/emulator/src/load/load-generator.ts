import { ConfigurationError } from '@rxforce/core/model';
import type { Org } from '../org/org.js';
import { createRandom } from '../model/random.js';
import { ChangeMaker, MOST_EVENTS_A_CHANGE } from './change-maker.js';

/** The options of a load. */
export interface LoadOptions {
  /** How many events to make a second, on average; more than 0. */
  readonly eventsPerSecond: number;
  /**
   * API names of the objects to change.
   *
   * @defaultValue All objects of the org.
   */
  readonly entities?: readonly string[];
  /**
   * The seed for random choices: the same seed makes the same changes.
   *
   * @defaultValue The emulator's seed.
   */
  readonly seed?: number;
  /**
   * The exact number of events after which the load stops; at least 1.
   *
   * @defaultValue None: the load continues until it is stopped.
   */
  readonly limit?: number;
}

/** A running load. */
export interface Load {
  /** How many events the load has made. */
  readonly made: number;
  /** Resolves when the limit is reached or the load was stopped. */
  readonly done: Promise<void>;
  /** Ends the load. Can be called again. */
  stop(): void;
}

/** The parts that a load needs. */
export interface LoadContext {
  readonly org: Org;
  /** How many events the org has made, from any source; those of open transactions too. */
  readonly countEvents: () => number;
  /** The seed for a load without its own. */
  readonly seed: number;
}

/** Longest time that events are made without a break, in milliseconds, so that other work gets its turn. */
const TURN_MS = 10;
/** Time between turns when there is nothing to catch up on, in milliseconds. */
const PAUSE_MS = 5;

/**
 * Begins to change records of an org at a steady rate.
 *
 * @throws `ConfigurationError` when an option is out of its range.
 */
export function startLoad(context: LoadContext, options: LoadOptions): Load {
  const { eventsPerSecond, limit = Infinity } = options;
  requirePositive('eventsPerSecond', eventsPerSecond);
  requirePositive('limit', limit);
  const maker = new ChangeMaker(context.org, createRandom(options.seed ?? context.seed), options.entities);
  const startedAt = performance.now();
  let made = 0;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));

  const makeOne = (): void => {
    const before = context.countEvents();
    if (limit - made < MOST_EVENTS_A_CHANGE) maker.changeOnce();
    else maker.change();
    made += context.countEvents() - before;
  };
  const stopTurns = takeTurns(() => {
    const turnStartedAt = performance.now();
    const due = Math.min(limit, ((turnStartedAt - startedAt) / 1000) * eventsPerSecond);
    while (made < due && performance.now() - turnStartedAt < TURN_MS) makeOne();
    if (made >= limit) {
      finish();
      return 'last';
    }
    return made < due ? 'late' : 'in-time';
  });

  return {
    get made() {
      return made;
    },
    done,
    stop: () => {
      stopTurns();
      finish();
    },
  };
}

/**
 * Takes turns until one is the last. After a turn that was `late`, the next one comes at once, otherwise after a pause.
 *
 * @returns A function that stops it.
 */
function takeTurns(turn: () => 'last' | 'late' | 'in-time'): () => void {
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  const next = (): void => {
    const was = turn();
    if (was === 'late') immediate = setImmediate(next);
    else if (was === 'in-time') timer = setTimeout(next, PAUSE_MS);
  };
  immediate = setImmediate(next);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

function requirePositive(name: keyof LoadOptions, value: number): void {
  if (!(value > 0)) throw new ConfigurationError(`${name} is a number above 0, and was given ${value}.`);
}

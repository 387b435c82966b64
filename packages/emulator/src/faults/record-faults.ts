import { LONGEST_TIMER_MS } from '@rxforce/core/internal';
import { type Checks, flag, listOfTexts, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';
import type { FaultContext } from './fault-context.js';

/** How far queries lag behind. */
export interface LagOptions {
  /** How old the answers of queries are, in milliseconds; 0 is up to date. */
  readonly lagMs: number;
}

/** How long transactions stay open. */
export interface DelayCommitsOptions {
  /** How long a transaction stays open after its changes, in milliseconds; 0 ends the fault. */
  readonly delayMs: number;
  /**
   * Whether each transaction stays open for a time at random, from 0 to `delayMs`.
   *
   * @defaultValue false
   */
  readonly atRandom?: boolean;
  /**
   * API name of an object. It selects transactions that change records of this object, and maybe of others.
   *
   * @defaultValue Any object.
   */
  readonly entity?: string;
  /**
   * How many transactions; at least 1.
   *
   * @defaultValue All, until the fault is caused again.
   */
  readonly times?: number;
}

/** How far the clock of stamps is ahead. */
export interface SkewOptions {
  /** In milliseconds, up to a day; negative where it is behind, and 0 for no difference. */
  readonly skewMs: number;
}

/** Which records are touched. */
export interface TouchOptions {
  /** API name of the object. */
  readonly entity: string;
  /**
   * Their ids.
   *
   * @defaultValue All records of the object that are not deleted.
   */
  readonly ids?: readonly string[];
}

/**
 * Faults of records: what a client sees that reads them while they change. All throw a `ConfigurationError` for options
 * that are not valid, including an unknown object.
 */
export interface RecordFaults {
  /**
   * Lets reads answer as of a while ago, like a replica that lags behind: queries, bulk jobs that are made from now on,
   * searches, and single records. Changes are performed on the records of the moment. Reads cannot be older than the
   * moment at which the fault was caused.
   */
  lagQueries(options: LagOptions): void;
  /**
   * Lets transactions stay open after their changes. Reads do not see their changes until the commit. Their stamps,
   * such as `LastModifiedDate`, are of the time of the change; the events come at the commit, whose time is their
   * `commitTimestamp`. A REST request is answered after its commit; a method call on `org` returns before. A
   * transaction that changes records of an open one commits after it.
   */
  delayCommits(options: DelayCommitsOptions): void;
  /** Commits all open transactions now, and returns how many there were. */
  commitNow(): number;
  /** Lets the clock of stamps, such as `LastModifiedDate` and `SystemModstamp`, differ from the clock of commits. */
  skewStamps(options: SkewOptions): void;
  /**
   * Moves the `SystemModstamp` of records to now without an event, and without a change of `LastModifiedDate`.
   *
   * @returns How many records.
   */
  touchRecords(options: TouchOptions): number;
}

const DAY_MS = 24 * 3_600_000;

const LAG_OPTIONS: Checks<LagOptions> = { lagMs: wholeNumber(0, DAY_MS) };

const DELAY_OPTIONS: Checks<DelayCommitsOptions> = {
  delayMs: wholeNumber(0, LONGEST_TIMER_MS),
  atRandom: optional(flag),
  entity: optional(text),
  times: optional(wholeNumber(1)),
};

const SKEW_OPTIONS: Checks<SkewOptions> = { skewMs: wholeNumber(-DAY_MS, DAY_MS) };

const TOUCH_OPTIONS: Checks<TouchOptions> = { entity: text, ids: optional(listOfTexts) };

/** Makes the faults of records. */
export function recordFaults({ org, delays }: FaultContext): RecordFaults {
  return {
    lagQueries: (options) => org.lagReplica(readOptions('lagQueries', options, LAG_OPTIONS).lagMs),
    delayCommits: (options) => {
      const {
        delayMs,
        atRandom = false,
        entity,
        times = Infinity,
      } = readOptions('delayCommits', options, DELAY_OPTIONS);
      const name = entity === undefined ? undefined : org.entityDefinition(entity).name;
      delays.plan({ delayMs, atRandom }, name, times);
    },
    commitNow: () => org.held.commitAll(),
    skewStamps: (options) => org.skewStamps(readOptions('skewStamps', options, SKEW_OPTIONS).skewMs),
    touchRecords: (options) => {
      const { entity, ids } = readOptions('touchRecords', options, TOUCH_OPTIONS);
      const touched = ids ?? org.records(entity).map(({ Id }) => Id);
      org.touch(entity, touched);
      return touched.length;
    },
  };
}

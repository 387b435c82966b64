import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { resolveLogger, wholeNumber } from '@rxforce/core/internal';
import { checkOptionNames, ConfigurationError, kindOf, wrongNumber, type Logger } from '@rxforce/core/model';
import { ApiPace } from './reading/api-pace.js';

/** Which records are read, and how. */
export interface RecordsOptions<T> {
  /**
   * The fields to read, by their names in events: `BillingAddress` and not `BillingCity`. Each comes whole. Where there
   * are several objects, the events of each must have them.
   *
   * @defaultValue all that events have and this user may read
   */
  readonly fields?: readonly (keyof T & string)[];
  /**
   * A condition in SOQL, without the word `WHERE`: `"Type = 'Customer' AND AnnualRevenue > 1000"`. It holds for
   * `all()`, and for several objects for each of them. `read()` reads a record whether it fulfils the condition or not.
   *
   * @defaultValue none: all records that this user may see
   */
  readonly where?: string;
  /**
   * The way records are read. `'rest'`: pages in the order of record ids, one call each. `'bulk'`: a job of the Bulk
   * API
   * 2.0, whose results come in no order; it takes some time to start, and needs fewer calls. `'auto'`: a job where so
   * many fields are read that no REST call can name them, or where there are 50,000 records or more and no order was
   * promised, as `all()` does.
   *
   * @defaultValue `'auto'`
   */
  readonly by?: 'auto' | 'rest' | 'bulk';
  /**
   * Records of a page; from 200 to 2,000. The org may send fewer where they are large.
   *
   * @defaultValue 2_000
   */
  readonly pageSize?: number;
  /**
   * The version of the REST API.
   *
   * @defaultValue `'64.0'`
   */
  readonly apiVersion?: string;
  /**
   * The share of the org's API calls of a day, from 0 to 1, below which calls wait, so that other programs have some
   * left: a second where that share is left, and up to a minute as it shrinks. `logger` is warned then. 0 never waits.
   *
   * @defaultValue 0.1
   */
  readonly pauseBelow?: number;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
  /**
   * Where warnings go: fields that cannot be read, calls that fail and are made again, few API calls left.
   *
   * @defaultValue `console`
   */
  readonly logger?: Logger;
}

/** The options, checked and complete. */
export interface ResolvedRecordsOptions<T> {
  readonly fields: readonly (keyof T & string)[] | undefined;
  readonly where: string | undefined;
  readonly by: 'auto' | 'rest' | 'bulk';
  readonly pageSize: number;
  readonly apiVersion: string;
  /** Whether calls have to wait, for all reads together. */
  readonly pace: ApiPace;
  readonly scheduler: SchedulerLike;
  /** Warns, but of the same only once. */
  readonly warnOnce: (message: string) => void;
  /** Warns. */
  readonly warn: (message: string) => void;
}

const NAMES: readonly string[] = Object.keys({
  fields: true,
  where: true,
  by: true,
  pageSize: true,
  apiVersion: true,
  pauseBelow: true,
  scheduler: true,
  logger: true,
} satisfies Record<keyof RecordsOptions<unknown>, true>);

const MIN_PAGE = 200;
const MAX_PAGE = 2_000;

/**
 * Checks the options, and fills in the defaults.
 *
 * @throws `ConfigurationError` when one of them cannot be right.
 */
export function resolveRecordsOptions<T>(options: RecordsOptions<T>): ResolvedRecordsOptions<T> {
  checkOptionNames(options, NAMES, { of: 'records()' });
  const { fields, where, by = 'auto', pageSize = MAX_PAGE, apiVersion = '64.0', pauseBelow = 0.1 } = options;
  const { scheduler = asyncScheduler } = options;
  const logger = resolveLogger(options.logger);
  const warned = new Set<string>();
  const warn = (message: string) => logger.warn(message);
  return {
    fields: fields === undefined ? undefined : checkFields(fields),
    where: where === undefined ? undefined : checkWhere(where),
    by: checkWay(by),
    pageSize: wholeNumber('pageSize', pageSize, MIN_PAGE, MAX_PAGE),
    apiVersion: checkVersion(apiVersion),
    pace: new ApiPace(checkShare(pauseBelow), warn),
    scheduler,
    warn,
    warnOnce: (message) => {
      if (warned.has(message)) return;
      warned.add(message);
      warn(message);
    },
  };
}

function checkFields<F extends string>(fields: readonly F[]): readonly F[] {
  const given: unknown = fields;
  if (!Array.isArray(given) || given.length === 0 || given.some((name) => typeof name !== 'string')) {
    throw new ConfigurationError(
      `records() got ${kindOf(fields)} as fields, but needs names of fields: ['Name', 'BillingAddress']. Leave fields out for all.`,
    );
  }
  return [...new Set(fields)];
}

function checkWhere(where: unknown): string {
  if (typeof where !== 'string' || where.trim() === '') {
    throw new ConfigurationError(
      `records() got ${kindOf(where)} as where, but needs a condition: "Type = 'Customer'".`,
    );
  }
  if (/^\s*where\b/i.test(where)) {
    throw new ConfigurationError('records() got a condition that begins with WHERE: give what comes after that word.');
  }
  return where;
}

function checkWay(by: unknown): 'auto' | 'rest' | 'bulk' {
  if (by === 'auto' || by === 'rest' || by === 'bulk') return by;
  const given = typeof by === 'string' ? `'${by}'` : kindOf(by);
  throw new ConfigurationError(`records() got ${given} as by, but it must be 'auto', 'rest' or 'bulk'.`);
}

function checkVersion(version: unknown): string {
  if (typeof version === 'string' && /^\d{2,3}\.0$/.test(version)) return version;
  const given = typeof version === 'string' ? `'${version}'` : kindOf(version);
  throw new ConfigurationError(`records() got ${given} as apiVersion, but needs a text such as '64.0'.`);
}

function checkShare(share: unknown): number {
  if (typeof share === 'number' && share >= 0 && share <= 1) return share;
  throw wrongNumber('pauseBelow is', share, 'must be a share from 0 to 1');
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { SchedulerLike } from 'rxjs';
import { kindOf } from '../model/answer.js';
import { ConfigurationError } from '../model/errors.js';
import { checkOptionNames } from '../model/option-names.js';
import { wholeNumber } from '../model/whole-number.js';
import type { EventLog } from '../ports/event-log.js';
import type { Logger, LogLevel } from '../ports/logger.js';
import type { Membership } from '../ports/membership.js';

/** How a client reads an event log. */
export interface LogClientOptions {
  /** The log, such as `redisLog()` of `@rxforce/replay-redis`. The client does not close it. */
  readonly log: EventLog;
  /**
   * Shares the partitions out among all processes that read under one `replay.name`, such as `redisMembership()` of
   * `@rxforce/replay-redis`. Subscriptions then need a `lease`.
   *
   * @defaultValue none: this process asks for all partitions
   */
  readonly membership?: Membership;
  /**
   * The name of this process among the members. No other live process may have it.
   *
   * @defaultValue the host's name, the process id and some random characters
   */
  readonly memberName?: string;
  /**
   * Most events that are outstanding or unsettled at any time in one subscription, of all its partitions together; at
   * least
   * 1. Each partition gets an equal part, its own `window` at most, and room for one event at least.
   *
   * @defaultValue 1_000
   */
  readonly windowTotal?: number;
  /**
   * Whether each schema is checked against its id, as in `createClient()`.
   *
   * @defaultValue `'verify'`
   */
  readonly schemaIds?: 'verify' | 'trust';
  /**
   * Where warnings go, and with `logLevel` other lines, as in `createClient()`.
   *
   * @defaultValue writes warnings to `console`, and nothing else
   */
  readonly logger?: Logger;
  /**
   * Which lines the logger gets, as in `createClient()`.
   *
   * @defaultValue `'warn'`
   */
  readonly logLevel?: LogLevel;
  /**
   * The clock, for tests.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

const NAMES: readonly string[] = Object.keys({
  log: true,
  membership: true,
  memberName: true,
  windowTotal: true,
  schemaIds: true,
  logger: true,
  logLevel: true,
  scheduler: true,
} satisfies Record<keyof LogClientOptions, true>);

/** The options of a client of a log, checked and complete. */
export type ResolvedLogClientOptions = Required<Pick<LogClientOptions, 'log' | 'memberName' | 'windowTotal'>> & {
  readonly membership: Membership | undefined;
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws `ConfigurationError` when one is missing, unknown or cannot be right.
 */
export function resolveLogClientOptions(options: LogClientOptions): ResolvedLogClientOptions {
  checkOptionNames(options, NAMES, { of: 'createLogClient()' });
  const { log, membership, memberName = ownName(), windowTotal = 1_000, schemaIds = 'verify' } = options;
  if (typeof (log as Partial<EventLog> | undefined)?.read !== 'function') {
    throw new ConfigurationError(
      'createLogClient() needs log: an event log, such as redisLog() of @rxforce/replay-redis.',
    );
  }
  if (membership !== undefined && typeof (membership as Partial<Membership> | null)?.join !== 'function') {
    throw new ConfigurationError(
      'membership must be a membership, such as redisMembership() of @rxforce/replay-redis.',
    );
  }
  if (typeof memberName !== 'string' || memberName === '') {
    throw new ConfigurationError(`memberName is ${kindOf(memberName)}, but must be a text, and not empty.`);
  }
  if (!['verify', 'trust'].includes(schemaIds)) {
    throw new ConfigurationError(`schemaIds is ${schemaIds}, but must be 'verify' or 'trust'.`);
  }
  return { log, membership, memberName, windowTotal: wholeNumber('windowTotal', windowTotal, 1) };
}

function ownName(): string {
  return `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
}

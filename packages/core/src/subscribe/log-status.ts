import { asyncScheduler, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import { RxforceError } from '../model/errors.js';
import type { ChangeEvent, StreamEvent } from '../model/events.js';
import { ReplayId } from '../model/replay-id.js';
import { FailureRow } from '../ports/failure-row.js';
import type { LogFields, Logger, LogLevel } from '../ports/logger.js';
import { lineWriter } from '../ports/safe-logger.js';
import type { LoginStatus, ObservedStatus, SubscriptionStatus } from '../ports/status.js';

type Line = readonly [level: LogLevel, sentence: string];

/**
 * How much each status matters. What the client warns of by itself, in its own words, is a detail here: `waiting`,
 * `commitFailed`, `commitGap`, `settledEarly`, `publishWaiting`, `refused`, `orgFailed`.
 */
const LEVELS: Readonly<Record<ObservedStatus['type'], LogLevel>> = {
  connecting: 'debug',
  connected: 'debug',
  live: 'info',
  parked: 'debug',
  waiting: 'debug',
  replayReset: 'error',
  requested: 'debug',
  received: 'debug',
  keepalive: 'debug',
  pressure: 'debug',
  committed: 'debug',
  commitFailed: 'debug',
  commitGap: 'debug',
  settledEarly: 'debug',
  undecodable: 'warn',
  standby: 'info',
  acquired: 'info',
  lost: 'warn',
  assigned: 'info',
  draining: 'info',
  published: 'debug',
  publishWaiting: 'debug',
  refused: 'debug',
  snapshot: 'info',
  closed: 'info',
  login: 'info',
  orgFailed: 'debug',
};

/**
 * Writes each status as one line of a log, with its fields: topic, name, counts, positions, codes. No value of a record
 * and no secret is among them. A client with `logLevel` does so by itself; this is for a logger of one's own, such as
 * one for each topic, or for the merged statuses of several orgs.
 *
 * - `error`: events may be missing (`replayReset`), a subscription ended with an error, or a login is refused for good.
 * - `warn`: a lease is lost, an event cannot be decoded, a login failed. Of logins that fail in a row for one cause, it
 *   is the first one, and then one a minute; the others are `debug`.
 * - `info`: a stream is live for the first time or after trouble, leases, drains, ends, logins.
 * - `debug`: everything else. Of failures that are tried again, the client warns its own logger.
 *
 * @param status$ - `client.status$`, that of one stream, or that of `mergeOrgs`.
 * @param level - Lines of this level and above are written. `'info'` by default.
 * @returns The subscription, to end it. It ends with the client.
 * @throws `ConfigurationError` when there is no such level, or the logger has no function for it.
 */
export function logStatus(status$: Observable<ObservedStatus>, logger: Logger, level: LogLevel = 'info'): Subscription {
  return writeStatuses(status$, lineWriter(logger, level), asyncScheduler);
}

/** The same, with a clock. */
export function writeStatuses(
  status$: Observable<ObservedStatus>,
  write: ReturnType<typeof lineWriter>,
  scheduler: SchedulerLike,
): Subscription {
  const working = new Set<string>();
  const logins = new Map<string | undefined, LoginRows>();
  const loginsOf = (org: string | undefined) => {
    const rows = logins.get(org) ?? new LoginRows(scheduler);
    logins.set(org, rows);
    return rows;
  };
  return status$.subscribe((status) => {
    if (status.type === 'orgFailed' || status.type === 'login') {
      const line = status.type === 'login' ? loginsOf(status.org).lineOf(status) : lineOfFailed(status);
      write(...line, fieldsOf(status));
      return;
    }
    // Each client counts its subscriptions from 1.
    const of = `${status.subscription} ${status.org ?? ''}`;
    write(levelOf(status, working.has(of)), sentenceOf(status), fieldsOf(status));
    if (status.type === 'live') working.add(of);
    else if (status.type === 'waiting' || status.type === 'closed') working.delete(of);
  });
}

function lineOfFailed({ org, type }: Extract<ObservedStatus, { readonly type: 'orgFailed' }>): Line {
  return [LEVELS[type], `the events of ${org} have failed`];
}

/** Most causes of failed logins that are remembered, of each org. */
const MOST_CAUSES = 100;

/** Logins that fail for one cause. */
interface LoginRow {
  readonly row: FailureRow;
  failures: number;
}

/**
 * The lines of an org's logins. Those that fail in a row are many, as each try of a stream makes one. There is a row
 * for each cause: where statuses were merged without their orgs, the login of one client hides no failure of another.
 */
class LoginRows {
  private readonly rows = new Map<string, LoginRow>();

  constructor(private readonly scheduler: SchedulerLike) {}

  lineOf({ ok, cause }: LoginStatus): Line {
    if (cause?.retriable !== true) this.rows.clear();
    if (ok) return [LEVELS.login, 'logged in'];
    const text = `the login failed: ${cause?.message ?? ''}`;
    // A refusal is said each time: none follows, where nobody asks for one.
    if (cause?.retriable !== true) return ['error', text];
    const of = this.rowOf(text);
    of.failures += 1;
    if (!of.row.isDue(of.failures)) return ['debug', text];
    return ['warn', of.failures === 1 ? text : `${text} It has failed ${of.failures} times in a row.`];
  }

  /** Counts and times differ from failure to failure. The digits of a name do not. */
  private rowOf(text: string): LoginRow {
    const key = text.replace(/\b\d+\b/g, '');
    const known = this.rows.get(key);
    if (known) return known;
    if (this.rows.size >= MOST_CAUSES) this.rows.clear();
    const made = { row: new FailureRow(this.scheduler), failures: 0 };
    this.rows.set(key, made);
    return made;
  }
}

/** @param isWorking - Whether its subscription was live, and has had no trouble since. */
function levelOf(status: SubscriptionStatus, isWorking: boolean): LogLevel {
  if (status.type === 'live' && isWorking) return 'debug';
  if (status.type === 'closed' && status.cause) return 'error';
  return LEVELS[status.type];
}

function sentenceOf(status: SubscriptionStatus): string {
  const { topic, name, type } = status;
  const how = type === 'closed' && status.cause ? ` with an error: ${status.cause.message}` : '';
  return `${topic}${name === undefined ? '' : ` (${name})`}: ${type}${how}`;
}

/** Texts as they are; numbers with one decimal at most; positions as text; of an error its code and its message. */
function fieldsOf(status: ObservedStatus): LogFields {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(status) as [string, unknown][]) {
    if (value === undefined) continue;
    if (RxforceError.is(value)) Object.assign(fields, { code: value.code, error: value.message });
    else fields[key] = plain(value);
  }
  return fields;
}

function plain(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * 10) / 10;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value;
  const isPlain = Array.isArray(value) && value.every((each) => typeof each !== 'object');
  return ReplayId.is(value) || isPlain ? String(value) : JSON.stringify(value);
}

/** The line of an event that is handed out: what it is, and none of its values. */
export function lineOf(event: StreamEvent): readonly [message: string, fields: LogFields] {
  const { topic, id, replayId, schemaId } = event;
  const { entityName, changeType, recordIds } = (event as Partial<ChangeEvent>).header ?? {};
  const change = changeType && { entity: entityName, changeType, recordIds };
  return [`${topic}: event`, { type: 'event', topic, id, replayId: replayId.toString(), schemaId, ...change }];
}

import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import { checkOptionNames } from '@rxforce/core/model';
import { anySeed } from './model/random.js';

/** How an emulator is started. Everything has a default. */
export interface EmulatorOptions {
  /**
   * Port of the gRPC server; 0 takes a free one.
   *
   * @defaultValue 0
   */
  readonly grpcPort?: number;
  /**
   * Port of the HTTP server; 0 takes a free one.
   *
   * @defaultValue 0
   */
  readonly httpPort?: number;
  /**
   * Whether a page for this machine is served, on a port of its own: records, faults, load and streams, to look at and
   * to change.
   *
   * @defaultValue false
   */
  readonly ui?: boolean;
  /**
   * Port of the page; 0 takes a free one.
   *
   * @defaultValue 0
   */
  readonly uiPort?: number;
  /**
   * Whether the gRPC server speaks TLS, with a certificate made at the start, or plaintext.
   *
   * @defaultValue true
   */
  readonly tls?: boolean;
  /**
   * Whether the HTTP server speaks TLS, as Salesforce's servers do, with a certificate of the same authority. Some
   * clients log in only to `https://` addresses.
   *
   * @defaultValue false
   */
  readonly https?: boolean;
  /**
   * Whether logins return access tokens in JWT format, as an app in Salesforce can be configured to. The Pub/Sub API
   * refuses them.
   *
   * @defaultValue false
   */
  readonly jwtAccessTokens?: boolean;
  /**
   * Whether each use of a refresh token replaces it with a new one, as an app in Salesforce can be configured to.
   *
   * @defaultValue false
   */
  readonly rotateRefreshTokens?: boolean;
  /**
   * How long a stream with demand may be quiet before an empty response reports the newest position, in milliseconds;
   * at least 1.
   *
   * @defaultValue 270_000
   */
  readonly keepaliveMs?: number;
  /**
   * How long a stream may stay open without demand before the server ends it, in milliseconds; at least 1.
   *
   * @defaultValue 60_000
   */
  readonly idleCloseMs?: number;
  /**
   * How long a publish stream may stay open without a request before the server ends it, in milliseconds; at least 1.
   *
   * @defaultValue 70_000
   */
  readonly publishIdleMs?: number;
  /**
   * How long a managed subscription may continue without a commit before the server ends it, in milliseconds; at least
   * 1.
   *
   * @defaultValue 1_800_000
   */
  readonly managedIdleMs?: number;
  /**
   * How long a managed subscription is kept for a client whose stream is over, in milliseconds. Other clients are
   * refused meanwhile. The service keeps it for some seconds. While the stream of a silent client is open, it is kept
   * anyway.
   *
   * @defaultValue 0
   */
  readonly managedSlotMs?: number;
  /**
   * How long events can be replayed, in milliseconds; at least 1.
   *
   * @defaultValue 259_200_000, which is 72 hours
   */
  readonly retentionMs?: number;
  /**
   * How much later every gRPC response is sent, in milliseconds, as over a longer distance.
   *
   * @defaultValue 0
   */
  readonly responseDelayMs?: number;
  /**
   * Most events in one response, from 1 to 100.
   *
   * @defaultValue 100
   */
  readonly maxEventsPerResponse?: number;
  /**
   * Most changes of one transaction that get events of their own; at least 1. One overflow event for each object stands
   * for the rest.
   *
   * @defaultValue 100_000
   */
  readonly maxChangesPerTransaction?: number;
  /**
   * How many REST requests are allowed within 24 hours by the emulator's clock; at least 1. Further requests are
   * refused with 403 REQUEST_LIMIT_EXCEEDED.
   *
   * @defaultValue Requests are counted against the 15,000 of a developer edition, and none is refused.
   */
  readonly dailyApiRequests?: number;
  /**
   * How long a Bulk API job that reads records takes by the emulator's clock, in milliseconds. Until then it is
   * `InProgress` and has no results.
   *
   * @defaultValue 0
   */
  readonly bulkJobMs?: number;
  /**
   * The seed for ids and positions: the same seed gives the same ones. Access tokens and secrets do not depend on it.
   *
   * @defaultValue A new one at each start.
   */
  readonly seed?: number;
  /**
   * The time, in milliseconds since 1970, for time stamps and retention. The timers above use the real clock.
   *
   * @defaultValue `Date.now`
   */
  readonly now?: () => number;
}

/** {@link EmulatorOptions}, checked, with the defaults filled in. */
export interface ResolvedEmulatorOptions extends Required<EmulatorOptions> {
  /** 0 where no limit is given: then requests are counted, and none is refused. */
  readonly dailyApiRequests: number;
}

/** The options that are whole numbers: default, minimum and maximum. */
const NUMBERS = {
  grpcPort: [0, 0, 65_535],
  httpPort: [0, 0, 65_535],
  uiPort: [0, 0, 65_535],
  keepaliveMs: [270_000, 1, LONGEST_TIMER_MS],
  idleCloseMs: [60_000, 1, LONGEST_TIMER_MS],
  publishIdleMs: [70_000, 1, LONGEST_TIMER_MS],
  managedIdleMs: [1_800_000, 1, LONGEST_TIMER_MS],
  managedSlotMs: [0, 0, LONGEST_TIMER_MS],
  retentionMs: [72 * 3_600_000, 1, Number.MAX_SAFE_INTEGER],
  responseDelayMs: [0, 0, LONGEST_TIMER_MS],
  maxEventsPerResponse: [100, 1, 100],
  maxChangesPerTransaction: [100_000, 1, Number.MAX_SAFE_INTEGER],
  bulkJobMs: [0, 0, Number.MAX_SAFE_INTEGER],
} as const satisfies Partial<Record<keyof EmulatorOptions, readonly [number, number, number]>>;

const SWITCHES = { tls: true, https: false, jwtAccessTokens: false, rotateRefreshTokens: false, ui: false } as const;

const NAMES = [...Object.keys(NUMBERS), ...Object.keys(SWITCHES), 'dailyApiRequests', 'seed', 'now'];

/**
 * Checks options and fills in the defaults.
 *
 * @throws `ConfigurationError` when one is unknown or out of its range.
 */
export function resolveEmulatorOptions(options: EmulatorOptions): ResolvedEmulatorOptions {
  checkOptionNames(options, NAMES, { of: 'startEmulator()' });
  const numbers = Object.entries(NUMBERS).map(([name, [usual, least, most]]) => {
    const given = options[name as keyof typeof NUMBERS];
    return [name, wholeNumber(name, given ?? usual, least, most)];
  });
  const switches = Object.entries(SWITCHES).map(([name, usual]) => [
    name,
    options[name as keyof typeof SWITCHES] ?? usual,
  ]);
  return {
    ...(Object.fromEntries(numbers) as Record<keyof typeof NUMBERS, number>),
    ...(Object.fromEntries(switches) as Record<keyof typeof SWITCHES, boolean>),
    dailyApiRequests: options.dailyApiRequests === undefined ? 0 : dailyRequests(options.dailyApiRequests),
    seed: wholeNumber('seed', options.seed ?? anySeed(), 0),
    now: options.now ?? Date.now,
  };
}

function dailyRequests(value: number): number {
  return wholeNumber('dailyApiRequests', value, 1);
}

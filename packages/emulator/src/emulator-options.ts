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
   * Whether the gRPC server speaks TLS, with a certificate made at the start, or plaintext.
   *
   * @defaultValue true
   */
  readonly tls?: boolean;
  /**
   * Whether the HTTP server speaks TLS, as Salesforce's own does, with a certificate of the same authority. Some clients
   * log in to `https://` addresses alone.
   *
   * @defaultValue false
   */
  readonly https?: boolean;
  /**
   * Whether logins give access tokens in JWT format, as an app in Salesforce can be set to. The Pub/Sub API refuses them.
   *
   * @defaultValue false
   */
  readonly jwtAccessTokens?: boolean;
  /**
   * Whether each use of a refresh token replaces it by another one, as an app in Salesforce can be set to.
   *
   * @defaultValue false
   */
  readonly rotateRefreshTokens?: boolean;
  /**
   * How long nothing may happen on a stream with demand before an empty response tells the newest position, in
   * milliseconds; at least 1.
   *
   * @defaultValue 270_000
   */
  readonly keepaliveMs?: number;
  /**
   * How long a stream may stay open with nothing asked for before the server ends it, in milliseconds; at least 1.
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
   * How long a managed subscription may go on without a commit before the server ends it, in milliseconds; at least 1.
   *
   * @defaultValue 1_800_000
   */
  readonly managedIdleMs?: number;
  /**
   * How long a managed subscription is kept for a client whose stream is over, in milliseconds: others are refused
   * meanwhile. The service keeps it for some seconds. As long as the stream of a silent client stands it is kept anyway.
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
   * How much later every gRPC response is sent, in milliseconds, as over a longer way.
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
   * Most changes of one transaction that come as events of their own; one overflow event for each object stands for the
   * rest; at least 1.
   *
   * @defaultValue 100_000
   */
  readonly maxChangesPerTransaction?: number;
  /**
   * Where ids and positions start: the same seed gives the same ones. Access tokens and secrets do not follow it.
   *
   * @defaultValue Another one at each start.
   */
  readonly seed?: number;
  /**
   * The time, in milliseconds since 1970, for time stamps and retention. The timers above follow the real clock.
   *
   * @defaultValue `Date.now`
   */
  readonly now?: () => number;
}

/** {@link EmulatorOptions}, checked, with the defaults filled in. */
export type ResolvedEmulatorOptions = Required<EmulatorOptions>;

/** The options that are whole numbers: default, least and most. */
const NUMBERS = {
  grpcPort: [0, 0, 65_535],
  httpPort: [0, 0, 65_535],
  keepaliveMs: [270_000, 1, LONGEST_TIMER_MS],
  idleCloseMs: [60_000, 1, LONGEST_TIMER_MS],
  publishIdleMs: [70_000, 1, LONGEST_TIMER_MS],
  managedIdleMs: [1_800_000, 1, LONGEST_TIMER_MS],
  managedSlotMs: [0, 0, LONGEST_TIMER_MS],
  retentionMs: [72 * 3_600_000, 1, Number.MAX_SAFE_INTEGER],
  responseDelayMs: [0, 0, LONGEST_TIMER_MS],
  maxEventsPerResponse: [100, 1, 100],
  maxChangesPerTransaction: [100_000, 1, Number.MAX_SAFE_INTEGER],
} as const satisfies Partial<Record<keyof EmulatorOptions, readonly [number, number, number]>>;

const SWITCHES = { tls: true, https: false, jwtAccessTokens: false, rotateRefreshTokens: false } as const;

const NAMES = [...Object.keys(NUMBERS), ...Object.keys(SWITCHES), 'seed', 'now'];

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
    seed: wholeNumber('seed', options.seed ?? anySeed(), 0),
    now: options.now ?? Date.now,
  };
}

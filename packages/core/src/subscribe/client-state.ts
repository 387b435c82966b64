import { wholeNumber } from '../model/whole-number.js';
import type { LoginStatus } from '../ports/status.js';
import type { SubscriptionState } from './subscription-state.js';

/** A client at one moment. All times are in epoch milliseconds. */
export interface ClientState {
  /** When that was. */
  readonly at: number;
  /** `draining` after `drain()`, and `closed` after `close()` and once the drain is over. */
  readonly state: 'open' | 'draining' | 'closed';
  /** The last login, and when it ended. `undefined` before the first. */
  readonly login: (Pick<LoginStatus, 'ok' | 'tookMs' | 'cause'> & { readonly at: number }) | undefined;
  /** How much of the org's limit of REST calls is used up, as the last answer to `fetch` said. `undefined` before. */
  readonly apiUsage: { readonly used: number; readonly limit: number; readonly at: number } | undefined;
  /**
   * The subscriptions that are not over, and those that failed, each until another one of its topic and position takes
   * its place. One that was left, as after an error of the pipeline itself, is not among them.
   */
  readonly subscriptions: readonly SubscriptionState[];
}

/** Whether a client does its work. */
export interface Readiness {
  /** Whether there are no reasons against it. */
  readonly ready: boolean;
  /** Why not, one sentence for each reason. They contain topics, names and the messages of errors, and no values. */
  readonly reasons: readonly string[];
}

/** How long a stream that was connected before may be gone, in milliseconds. */
const GRACE_MS = 120_000;

/**
 * Whether a client does its work, for a readiness probe: each subscription is connected, live, parked or on standby. On
 * a quiet topic a subscription is ready as soon as its first stream has a connection. One whose stream broke counts as
 * ready for a while, as it comes back by itself. A subscription on standby is ready: otherwise a rolling update would
 * wait for a lease that the replica to be replaced still holds. A client without subscriptions is ready while it is
 * open: so is one whose pipeline has ended with an error of your own. Let the process end with it.
 *
 * ```ts
 * const { ready, reasons } = readinessOf(client.state());
 * response.writeHead(ready ? 200 : 503).end(JSON.stringify({ ready, reasons }));
 * ```
 *
 * @param options - `graceMs`: how long a stream that was connected before may be gone, in milliseconds, from 0.
 * `120_000` by default.
 * @throws `ConfigurationError` when the time is out of range.
 */
export function readinessOf(
  state: Pick<ClientState, 'at' | 'state' | 'subscriptions'>,
  options: { readonly graceMs?: number } = {},
): Readiness {
  const { graceMs = GRACE_MS } = options;
  wholeNumber('graceMs', graceMs, 0);
  const reasons = state.subscriptions
    .filter((subscription) => isMissing(subscription, state.at, graceMs))
    .map((subscription) => reasonOf(subscription, state.at));
  if (state.state !== 'open') reasons.unshift(`The client is ${state.state}.`);
  return { ready: reasons.length === 0, reasons };
}

function isMissing({ state, troubleSince, wasConnected }: SubscriptionState, now: number, graceMs: number): boolean {
  if (state === 'failed') return true;
  if (troubleSince === undefined) return false;
  return !wasConnected || now - troubleSince > graceMs;
}

function reasonOf({ topic, name, state, troubleSince, cause }: SubscriptionState, now: number): string {
  const position = name === undefined ? '' : ` (${name})`;
  const why = cause === undefined ? '' : `: ${cause.message}`;
  if (state === 'failed') return `${topic}${position} has failed${why}`;
  const seconds = Math.round((now - (troubleSince ?? now)) / 1000);
  return `${topic}${position} has had no stream for ${seconds} s, and is ${state}${why || '.'}`;
}

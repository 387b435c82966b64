import { AuthenticationError, type RxforceError, type RxforceErrorDetails } from '../model/errors.js';
import { isRefusal } from '../model/refusal.js';
import { backoffMs } from './backoff.js';

/**
 * Most refusals in a row of a session with which nothing has worked yet. They last for about five seconds, as some
 * services take a second to know a new token. A user who gave a wrong org or a revoked token soon gets the error.
 */
const NEWCOMER_REFUSALS = 5;

/**
 * Most refusals in a row where something has worked. They last for about five minutes. A service in trouble also
 * refuses good sessions, and that passes.
 */
const MOST_REFUSALS = 20;

/** The failures in a row. */
export interface Trouble {
  /** Streams, or calls. */
  readonly failures: number;
  /** How many of them were refusals of the session by the service, although the login had succeeded. */
  readonly refusals: number;
}

/** No failure since the last success. */
export const NO_TROUBLE: Trouble = { failures: 0, refusals: 0 };

/** The same with one more failure. */
export function oneMore({ failures, refusals }: Trouble, error: RxforceError): Trouble {
  return { failures: failures + 1, refusals: isRefusal(error) ? refusals + 1 : refusals };
}

/** How many failures are tolerated. */
export interface Patience {
  /** How many may fail in a row. */
  readonly maxAttempts: number;
  /**
   * Whether a call of this kind has ever worked here. Then refusals are tolerated for minutes, otherwise for seconds.
   */
  readonly hasWorked: boolean;
  /** Chance, from 0 to 1. */
  readonly random: number;
}

/** What to do after a failure. */
export type Remedy =
  /**
   * Open another stream, or call again, at once. As a rule the session has expired, and the next call has a new one.
   */
  | { readonly type: 'again' }
  /** Do so after a pause. */
  | { readonly type: 'pause'; readonly delayMs: number }
  /** Give up. */
  | { readonly type: 'fail'; readonly error: RxforceError };

/**
 * Decides how to react to a failure, for subscriptions, managed subscriptions, publishers and single calls. Pure.
 *
 * @param trouble - The failures in a row, including this one.
 */
export function remedyFor(error: RxforceError, { failures, refusals }: Trouble, patience: Patience): Remedy {
  const { maxAttempts, hasWorked, random } = patience;
  const isRefused = isRefusal(error);
  if (isRefused && refusals >= (hasWorked ? MOST_REFUSALS : NEWCOMER_REFUSALS)) {
    return { type: 'fail', error: refusedForGood(error, refusals, hasWorked) };
  }
  if (isRefused && refusals === 1) return { type: 'again' };
  if (!isRefused && !error.retriable) return { type: 'fail', error };
  if (failures >= maxAttempts) return { type: 'fail', error };
  // At least half of the bound, so that the attempts are never used up before the service can know a new token.
  const chance = isRefused ? (1 + random) / 2 : random;
  return { type: 'pause', delayMs: backoffMs(failures, error, chance) };
}

/** The error of a refusal that will not pass. */
function refusedForGood(error: RxforceError, refusals: number, hasWorked: boolean): AuthenticationError {
  const { message, topic, schemaId, rpcId, serviceCode, grpcStatus } = error;
  const known = { topic, schemaId, rpcId, serviceCode, grpcStatus };
  const details = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return new AuthenticationError(
    hasWorked
      ? `The service has refused the session ${refusals} times in a row, for minutes, although logins succeed and it took ` +
          `sessions before. Look at the status of Salesforce and at the sessions and permissions of the user. ${message}`
      : `${message} It was refused ${refusals} times in a row, and no call of this kind has worked before.`,
    { ...(details as RxforceErrorDetails), cause: error },
  );
}

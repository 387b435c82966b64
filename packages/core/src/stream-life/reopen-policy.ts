import { AuthenticationError, type RxforceError, type RxforceErrorDetails } from '../model/errors.js';
import { isRefusal } from '../model/refusal.js';
import { backoffMs } from './backoff.js';

/**
 * Most refusals in a row of a session with which nothing has worked yet: for about five seconds, as some services take a
 * second to know a new token. A user who has given a wrong org or a revoked token hears of it soon.
 */
const NEWCOMER_REFUSALS = 5;

/**
 * Most refusals in a row where something has worked: for about five minutes. A service that is in trouble refuses good
 * sessions, as it fails otherwise, and that passes.
 */
const MOST_REFUSALS = 20;

/** What has failed in a row. */
export interface Trouble {
  /** Streams, or calls. */
  readonly failures: number;
  /** How many of them because the service refused the session, though the login had succeeded. */
  readonly refusals: number;
}

/** Nothing has failed since something last worked. */
export const NO_TROUBLE: Trouble = { failures: 0, refusals: 0 };

/** The same, with one failure more. */
export function oneMore({ failures, refusals }: Trouble, error: RxforceError): Trouble {
  return { failures: failures + 1, refusals: isRefusal(error) ? refusals + 1 : refusals };
}

/** How much is borne. */
export interface Patience {
  /** How many may fail in a row. */
  readonly maxAttempts: number;
  /** Whether a call of this kind has ever worked here: then refusals are borne for minutes, else for seconds. */
  readonly hasWorked: boolean;
  /** Chance, from 0 to 1. */
  readonly random: number;
}

/** What to do after a failure. */
export type Remedy =
  /** Open another stream, or call again, at once: the session has expired, as a rule, and the next call has a new one. */
  | { readonly type: 'again' }
  /** Do so after a pause. */
  | { readonly type: 'pause'; readonly delayMs: number }
  /** Give up. */
  | { readonly type: 'fail'; readonly error: RxforceError };

/**
 * Decides what follows a failure, for subscriptions, managed subscriptions, publishers and single calls alike. Pure.
 *
 * @param trouble - What has failed in a row, this failure included.
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
  // At least half of the bound: no chance may use the attempts up before the service can know a new token.
  const chance = isRefused ? (1 + random) / 2 : random;
  return { type: 'pause', delayMs: backoffMs(failures, error, chance) };
}

/** The refusal, and that it will not pass. */
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

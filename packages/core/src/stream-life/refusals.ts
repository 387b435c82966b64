import { AuthenticationError, type RxforceError, type RxforceErrorDetails } from '../model/errors.js';
import { backoffMs } from './backoff.js';

/**
 * Most refusals in a row of a session with which nothing has worked yet: for about five seconds, as some services take a second
 * to know a new token. Who has given a wrong org or a revoked token hears of it soon.
 */
const NEWCOMER_REFUSALS = 5;

/**
 * Most refusals in a row where something has worked: for about five minutes. A service that is in trouble refuses good
 * sessions, as it fails otherwise, and that passes.
 */
const MOST_REFUSALS = 20;

/** What to do after the service refused a session, though the login had succeeded. */
export type AfterRefusal =
  /** Call again at once: the session has expired, as a rule, and the next call is made with a new one. */
  | { readonly type: 'again' }
  /** Wait, and then call again. */
  | { readonly type: 'pause'; readonly delayMs: number }
  /** Give up. */
  | { readonly type: 'fail'; readonly error: RxforceError };

/** What is known of a refusal. */
export interface Refusal {
  readonly error: RxforceError;
  /** How many there were in a row, this one included. */
  readonly refusals: number;
  /** How many calls failed in a row, these refusals included. */
  readonly failures: number;
  /** Whether a call of this kind has ever worked here. */
  readonly hasWorked: boolean;
  /** Chance, from 0 to 1. */
  readonly random: number;
}

/** Decides what follows a refusal, for subscriptions, publishers and single calls alike. Pure. */
export function afterRefusal({ error, refusals, failures, hasWorked, random }: Refusal): AfterRefusal {
  if (refusals >= (hasWorked ? MOST_REFUSALS : NEWCOMER_REFUSALS)) {
    return { type: 'fail', error: refusedForGood(error, refusals, hasWorked) };
  }
  if (refusals === 1) return { type: 'again' };
  // At least half of the bound: no chance may use the attempts up before the service can know a new token.
  return { type: 'pause', delayMs: backoffMs(failures, error, (1 + random) / 2) };
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

import {
  catchError,
  defer,
  Observable,
  switchMap,
  throwError,
  timeout,
  timer,
  type MonoTypeOperatorFunction,
} from 'rxjs';
import type { OrgRequest, PubSubClient } from '@rxforce/core';
import { retryTransient } from '@rxforce/core/internal';
import { AuthenticationError, ConnectionError, ProtocolError, RxforceError } from '@rxforce/core/model';
import type { ResolvedRecordsOptions } from '../records-options.js';

/** What calls of the org need. */
export type OrgContext = Pick<
  ResolvedRecordsOptions<unknown>,
  'apiVersion' | 'pace' | 'scheduler' | 'warn' | 'warnOnce'
> & {
  readonly client: Pick<PubSubClient, 'fetch' | 'topic' | 'schema'>;
};

/** A call, and how its answer is read. */
export interface OrgCall<R> {
  /** Below the API's version: `/query?q=…`. */
  readonly path: string;
  readonly request?: OrgRequest;
  readonly read: (response: Response) => Promise<R>;
}

/** How long the head of an answer may take, in milliseconds. The org itself ends a query after two minutes. */
const HEAD_MS = 150_000;
/** How long an answer may take as a whole, in milliseconds. */
const WHOLE_MS = 600_000;
/** Most refusals of the session in a row. More are no matter of time: the app may not use the API. */
const MOST_REFUSALS = 5;

/**
 * Calls the org, once for each subscription, and again after a pause while the failure may pass. Waits before each call
 * where the org has few left. Unsubscribing ends the call.
 */
export function callOrg<R>(context: OrgContext, call: OrgCall<R>): Observable<R> {
  const { pace, scheduler } = context;
  return defer(() => {
    let refusals = 0;
    return defer(() => {
      const pauseMs = pace.pauseMs();
      const attempt = answerTo(context, call).pipe(timeout({ first: WHOLE_MS, scheduler, with: tooSlow }));
      return pauseMs === 0 ? attempt : timer(pauseMs, scheduler).pipe(switchMap(() => attempt));
    }).pipe(
      catchError((thrown: unknown) => {
        throw AuthenticationError.is(thrown) && ++refusals >= MOST_REFUSALS ? refusedForGood(thrown) : thrown;
      }),
      untilItWorks(context, 'A call of the org for records'),
    );
  });
}

/**
 * Tries again after a pause, while the failure may pass.
 *
 * @param what - The thing that fails, for warnings.
 * @param maxAttempts - How many attempts may fail in a row.
 */
export function untilItWorks<R>(
  { scheduler, warn }: Pick<OrgContext, 'scheduler' | 'warn'>,
  what: string,
  maxAttempts = Infinity,
): MonoTypeOperatorFunction<R> {
  const tell = (attempt: number, delayMs: number, cause: RxforceError) => {
    // Less and less often: an outage may take hours.
    if (!Number.isInteger(Math.log2(attempt))) return;
    const times = attempt === 1 ? 'once' : `${attempt} times`;
    warn(`${what} failed ${times}, and is tried again in ${delayMs} ms. ${cause.message}`);
  };
  return retryTransient({ scheduler, random: Math.random }, tell, maxAttempts);
}

/**
 * Reads an answer in JSON.
 *
 * @throws `ProtocolError` when it is none.
 */
export async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ProtocolError('The org answered with something other than JSON. Look for a proxy that changes answers.');
  }
}

function answerTo<R>({ client, apiVersion, pace }: OrgContext, { path, request, read }: OrgCall<R>): Observable<R> {
  return new Observable((subscriber) => {
    const ending = new AbortController();
    const answer = async (): Promise<R> => {
      const whole = { timeoutMs: HEAD_MS, ...request, signal: ending.signal };
      const response = await client.fetch(`/services/data/v${apiVersion}${path}`, whole);
      pace.note(response.headers.get('sforce-limit-info'));
      try {
        return await read(response);
      } catch (cause) {
        throw RxforceError.is(cause) ? cause : new ConnectionError('The answer of the org broke off.', { cause });
      }
    };
    answer().then(
      (value) => {
        subscriber.next(value);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => ending.abort();
  });
}

function tooSlow(): Observable<never> {
  return throwError(() => new ConnectionError(`The org took more than ${WHOLE_MS / 60_000} minutes for an answer.`));
}

function refusedForGood({ message, serviceCode }: AuthenticationError): AuthenticationError {
  return new AuthenticationError(message, { reason: 'other', ...(serviceCode !== undefined && { serviceCode }) });
}

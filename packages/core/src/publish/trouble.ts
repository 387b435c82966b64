import type { RxforceError, RxforceErrorCode } from '../model/errors.js';
import { backoffMs } from '../session/backoff.js';

/** What to do after a stream failed. */
export type Remedy =
  /** Open another one at once. */
  | { readonly type: 'reopen' }
  /** Wait, and then open another one. */
  | { readonly type: 'pause'; readonly attempt: number; readonly delayMs: number }
  /** Give up. */
  | { readonly type: 'fail' };

/**
 * As many refusals of a session in a row, for so long, are final: new logins do not help. For a few seconds a service refuses
 * good sessions now and then, and a publisher that ended with it would have to be started again by somebody.
 */
const MAX_REFUSALS = 3;
const REFUSED_FOR_MS = 30_000;

/** How often streams failed in a row. Pure. */
export class Trouble {
  private failures = 0;
  private refusals = 0;
  private refusedSince = 0;

  /** @param maxAttempts - How many may fail in a row. */
  constructor(private readonly maxAttempts: number) {}

  /** An answer came. */
  over(): void {
    this.failures = 0;
    this.refusals = 0;
  }

  /**
   * @param random - A number from 0 to 1.
   * @param now - In epoch milliseconds.
   */
  after(error: RxforceError, random: number, now: number): Remedy {
    this.failures++;
    const isRefusal = error.code === 'authentication' && error.grpcStatus !== undefined;
    if (isRefusal ? this.isFinalRefusal(now) : !error.retriable) return { type: 'fail' };
    // The next stream is opened with a new login: at once, the first time.
    if (isRefusal && this.refusals === 1) return { type: 'reopen' };
    if (this.failures >= this.maxAttempts) return { type: 'fail' };
    return { type: 'pause', attempt: this.failures, delayMs: backoffMs(this.failures, error, random) };
  }

  private isFinalRefusal(now: number): boolean {
    if (this.refusals++ === 0) this.refusedSince = now;
    return this.refusals >= MAX_REFUSALS && now - this.refusedSince >= REFUSED_FOR_MS;
  }
}

/** The service's own words that it took nothing. They come behind the answers to all that it did take. */
const REFUSALS: readonly RxforceErrorCode[] = [
  'authentication',
  'throttled',
  'limit-exceeded',
  'topic-unavailable',
  'protocol',
  'stream-ended',
];

/** Where there was no call, these say why: a login failed. */
const BEFORE_THE_CALL: readonly RxforceErrorCode[] = ['authentication', 'connection'];

/** Whether nothing can have come of what a failed call carried and did not answer: sending it again publishes it once. */
export function tookNothing({ code, grpcStatus, neverSent }: RxforceError): boolean {
  if (grpcStatus === undefined) return BEFORE_THE_CALL.includes(code);
  return neverSent === true || REFUSALS.includes(code);
}

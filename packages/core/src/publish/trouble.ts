import type { RxforceError, RxforceErrorCode } from '../model/errors.js';
import { isRefusal } from '../model/refusal.js';
import { backoffMs } from '../stream-life/backoff.js';
import { afterRefusal } from '../stream-life/refusals.js';

/** What to do after a stream failed. */
export type Remedy =
  /** Open another one at once. */
  | { readonly type: 'again' }
  /** Wait, and then open another one. */
  | { readonly type: 'pause'; readonly attempt: number; readonly delayMs: number }
  /** Give up. */
  | { readonly type: 'fail'; readonly error: RxforceError };

/** How often streams failed in a row. Pure. */
export class Trouble {
  private failures = 0;
  private refusals = 0;
  private hasWorked = false;

  /** @param maxAttempts - How many may fail in a row. */
  constructor(private readonly maxAttempts: number) {}

  /** An answer came. */
  over(): void {
    this.failures = 0;
    this.refusals = 0;
    this.hasWorked = true;
  }

  /** @param random - A number from 0 to 1. */
  after(error: RxforceError, random: number): Remedy {
    this.failures++;
    if (isRefusal(error)) return this.afterRefusal(error, random);
    if (!error.retriable || this.failures >= this.maxAttempts) return { type: 'fail', error };
    return { type: 'pause', attempt: this.failures, delayMs: backoffMs(this.failures, error, random) };
  }

  private afterRefusal(error: RxforceError, random: number): Remedy {
    const { failures, hasWorked } = this;
    const after = afterRefusal({ error, refusals: ++this.refusals, failures, hasWorked, random });
    if (after.type !== 'pause') return after;
    if (failures >= this.maxAttempts) return { type: 'fail', error };
    return { ...after, attempt: failures };
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

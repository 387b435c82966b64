import type { Refusal } from '../model/refusal.js';
import type { Failure } from './service-error.js';

/** The outcome of a request. */
export type Outcome<T> =
  | { readonly type: 'response'; readonly response: T }
  | { readonly type: 'refusal'; readonly refusal: Refusal | Failure }
  | { readonly type: 'lost' };

/** The call is answered. */
export function responded<T>(response: T): Outcome<T> {
  return { type: 'response', response };
}

/** The call is refused. */
export function refused(refusal: Refusal | Failure): Outcome<never> {
  return { type: 'refusal', refusal };
}

/** The call was performed, and the client never learns of it. */
export function lost(): Outcome<never> {
  return { type: 'lost' };
}

import { ErrorBase, isOf, type RxforceErrorDetails } from './error-base.js';
import type { FieldProblem } from './field-problem.js';

/**
 * Why an event was not published. `not-publishable`: nobody may publish to the topic, or this user may not. `invalid`:
 * the event does not fit the topic's schema. `too-large`: it is larger than the service takes. `refused`: the service
 * refused it. `unknown`: it was sent, and the connection broke before the answer. `overflow`: too many events wait to
 * be published.
 */
export type PublishFailure = 'not-publishable' | 'invalid' | 'too-large' | 'refused' | 'unknown' | 'overflow';

/** What a {@link PublishError} can say beyond its message. */
export interface PublishErrorDetails extends RxforceErrorDetails {
  /** The event's id, which identifies its result. */
  readonly eventId?: string;
  /** The fields that do not fit the schema, where `reason` is `invalid`. */
  readonly problems?: readonly FieldProblem[];
}

/**
 * An event was not published, or nobody knows whether it was (`reason: 'unknown'`). In the second case, another attempt
 * may publish it twice. Only `unknown` is retriable, unless `details` say otherwise.
 */
export class PublishError extends ErrorBase<'publish'> implements PublishErrorDetails {
  static readonly is = isOf<PublishError>('publish');
  override readonly name = 'PublishError';
  override readonly code = 'publish';
  /** Why it was not published. */
  readonly reason: PublishFailure;
  declare readonly eventId?: string;
  declare readonly problems?: readonly FieldProblem[];
  constructor(reason: PublishFailure, message: string, details?: PublishErrorDetails) {
    super(message, { retriable: reason === 'unknown', ...details });
    this.reason = reason;
  }

  /** Whether the event is certainly not on the topic, or may be on it. */
  get outcome(): 'not-published' | 'unknown' {
    return this.reason === 'unknown' ? 'unknown' : 'not-published';
  }
}

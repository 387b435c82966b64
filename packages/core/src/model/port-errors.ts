import { ErrorBase, isOf, type RxforceErrorDetails } from './error-base.js';

/** A replay store cannot be reached, read or written for now. Retriable, unless `details` say otherwise. */
export class ReplayStoreError extends ErrorBase<'replay-store'> {
  static readonly is = isOf<ReplayStoreError>('replay-store');
  override readonly name = 'ReplayStoreError';
  override readonly code = 'replay-store';
  constructor(message: string, details?: RxforceErrorDetails) {
    super(message, { retriable: true, ...details });
  }
}

/** A replay store holds something other than a position. */
export class PositionCorruptedError extends ErrorBase<'position-corrupted'> {
  static readonly is = isOf<PositionCorruptedError>('position-corrupted');
  override readonly name = 'PositionCorruptedError';
  override readonly code = 'position-corrupted';
}

/** Another subscription or process uses the position. */
export class PositionInUseError extends ErrorBase<'position-in-use'> {
  static readonly is = isOf<PositionInUseError>('position-in-use');
  override readonly name = 'PositionInUseError';
  override readonly code = 'position-in-use';
}

/** A lease cannot be acquired or renewed, for now or ever. Retriable, unless `details` say otherwise. */
export class LeaseError extends ErrorBase<'lease'> {
  static readonly is = isOf<LeaseError>('lease');
  override readonly name = 'LeaseError';
  override readonly code = 'lease';
  constructor(message: string, details?: RxforceErrorDetails) {
    super(message, { retriable: true, ...details });
  }
}

/** A dead-letter queue cannot be reached, read or written. Retriable, unless `details` say otherwise. */
export class DeadLetterQueueError extends ErrorBase<'dead-letter-queue'> {
  static readonly is = isOf<DeadLetterQueueError>('dead-letter-queue');
  override readonly name = 'DeadLetterQueueError';
  override readonly code = 'dead-letter-queue';
  constructor(message: string, details?: RxforceErrorDetails) {
    super(message, { retriable: true, ...details });
  }
}

/** What a {@link SinkError} can say beyond its message. */
export interface SinkErrorDetails extends RxforceErrorDetails {
  /**
   * Whether the other system is away as a whole: it cannot be reached, or has no room, so that any event would fail.
   * Then it helps to wait, and not to put events aside. `retryWithDLQ` has an option `outage` for it.
   *
   * @defaultValue `false`
   */
  readonly outage?: boolean;
}

/**
 * Another system that events are written to, such as a database, cannot be reached, or refuses them. Retriable, unless
 * `details` say otherwise.
 */
export class SinkError extends ErrorBase<'sink'> {
  static readonly is = isOf<SinkError>('sink');
  override readonly name = 'SinkError';
  override readonly code = 'sink';
  /** Whether the other system is away as a whole, so that any event would fail. */
  readonly outage: boolean;
  constructor(message: string, { outage = false, ...details }: SinkErrorDetails = {}) {
    super(message, { retriable: true, ...details });
    this.outage = outage;
  }
}

/**
 * Why a call of an event log failed.
 *
 * - `unavailable`: the engine cannot be reached, or does not answer. It may pass.
 * - `gap`: entries came or went that the writer does not know of, so what it appends might not follow what it appended
 *   before. Nothing was appended. A new subscription of the writer starts at its last commit.
 * - `mismatch`: the log is not the one that is meant, as it has another number of partitions.
 * - `refused`: the engine refuses the call, and would refuse it again.
 */
export type EventLogFailure = 'unavailable' | 'gap' | 'mismatch' | 'refused';

/** What an {@link EventLogError} can say beyond its message. */
export interface EventLogErrorDetails extends RxforceErrorDetails {
  /**
   * Why the call failed.
   *
   * @defaultValue `'unavailable'`
   */
  readonly reason?: EventLogFailure;
}

/**
 * An event log cannot be reached, read or written, or is not the one that is meant. Only `unavailable` is retriable,
 * unless `details` say otherwise.
 */
export class EventLogError extends ErrorBase<'event-log'> {
  static readonly is = isOf<EventLogError>('event-log');
  override readonly name = 'EventLogError';
  override readonly code = 'event-log';
  /** Why the call failed. */
  readonly reason: EventLogFailure;
  constructor(message: string, { reason = 'unavailable', ...details }: EventLogErrorDetails = {}) {
    super(message, { retriable: reason === 'unavailable', ...details });
    this.reason = reason;
  }
}

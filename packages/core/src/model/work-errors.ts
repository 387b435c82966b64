import { ErrorBase, isOf, type RxforceErrorDetails } from './error-base.js';

/** An option or an argument is not valid. The call that received it throws this error. */
export class ConfigurationError extends ErrorBase<'configuration'> {
  static readonly is = isOf<ConfigurationError>('configuration');
  override readonly name = 'ConfigurationError';
  override readonly code = 'configuration';
}

/** The client was closed. Make another one with `createClient()`. */
export class ClientClosedError extends ErrorBase<'client-closed'> {
  static readonly is = isOf<ClientClosedError>('client-closed');
  override readonly name = 'ClientClosedError';
  override readonly code = 'client-closed';
}

/**
 * The work on a delivered event failed, or the hold on it was dropped while the subscription continued. The event is
 * not settled, and comes again with the next subscription.
 */
export class DeliveryFailedError extends ErrorBase<'delivery-failed'> {
  static readonly is = isOf<DeliveryFailedError>('delivery-failed');
  override readonly name = 'DeliveryFailedError';
  override readonly code = 'delivery-failed';
}

/** An operator that holds events received one that had already counted as done. A crash now would lose it. */
export class SettledEarlyError extends ErrorBase<'settled-early'> {
  static readonly is = isOf<SettledEarlyError>('settled-early');
  override readonly name = 'SettledEarlyError';
  override readonly code = 'settled-early';
}

/**
 * Nothing downstream is known to work on the events of a stream, so they would count as done before their work is.
 * Nothing was committed. Work in `handle()`, or return the promise from the function given to `subscribe()`.
 */
export class UnheldError extends ErrorBase<'unheld'> {
  static readonly is = isOf<UnheldError>('unheld');
  override readonly name = 'UnheldError';
  override readonly code = 'unheld';
}

/** An event stayed unsettled for too long, or too many events came after it. The subscription gave up. */
export class StuckDeliveryError extends ErrorBase<'stuck-delivery'> {
  static readonly is = isOf<StuckDeliveryError>('stuck-delivery');
  override readonly name = 'StuckDeliveryError';
  override readonly code = 'stuck-delivery';
}

/**
 * Records were read for so long that the service is about to drop the events since. Read fewer fields or records, or by
 * the Bulk API.
 */
export class SnapshotTooSlowError extends ErrorBase<'snapshot-too-slow'> {
  static readonly is = isOf<SnapshotTooSlowError>('snapshot-too-slow');
  override readonly name = 'SnapshotTooSlowError';
  override readonly code = 'snapshot-too-slow';
}

/**
 * Work on an event took longer than its operator allows, and was cancelled. Retriable, unless `details` say otherwise.
 */
export class WorkTimeoutError extends ErrorBase<'work-timeout'> {
  static readonly is = isOf<WorkTimeoutError>('work-timeout');
  override readonly name = 'WorkTimeoutError';
  override readonly code = 'work-timeout';
  constructor(message: string, details?: RxforceErrorDetails) {
    super(message, { retriable: true, ...details });
  }
}

/** A change does not fit the record that it was applied to. Read the record again. */
export class ChangeMismatchError extends ErrorBase<'change-mismatch'> {
  static readonly is = isOf<ChangeMismatchError>('change-mismatch');
  override readonly name = 'ChangeMismatchError';
  override readonly code = 'change-mismatch';
}

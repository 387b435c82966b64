import type { SchedulerLike } from 'rxjs';
import { Deliveries } from '../delivery/deliveries.js';
import type { DeliveriesListener, SourceDelivery } from '../delivery/source-delivery.js';
import type { DeliveryFailedError } from '../model/errors.js';
import type { SettlementWatch } from './settlement-watch.js';

/** The reports of the deliveries to the subscription itself. */
export type WatchedDeliveriesListener = Pick<
  DeliveriesListener,
  'settled' | 'unsettled' | 'ended' | 'failed' | 'isLive' | 'isLost'
> & {
  readonly kept: () => void;
};

/**
 * Deliveries that report to a watch whether anybody works on them.
 *
 * @param watch - Returns the watch, which is made after the deliveries.
 * @param sharesIds - Whether events of the stream may share a replay id.
 */
export function watchedDeliveries(
  scheduler: SchedulerLike,
  watch: () => SettlementWatch,
  sharesIds: boolean,
  listener: WatchedDeliveriesListener,
): Deliveries {
  return new Deliveries(scheduler, new Watched(watch, listener), sharesIds);
}

/** A class, as each subscription would keep as many functions as deliveries have reports. */
class Watched implements DeliveriesListener {
  constructor(
    private readonly watch: () => SettlementWatch,
    private readonly listener: WatchedDeliveriesListener,
  ) {}

  settled(delivery: SourceDelivery): void {
    this.listener.settled(delivery);
  }

  unsettled(delivery: SourceDelivery, cause: unknown): void {
    this.listener.unsettled?.(delivery, cause);
  }

  ended(): void {
    this.listener.ended();
  }

  failed(error: DeliveryFailedError): void {
    this.listener.failed(error);
  }

  kept(): void {
    this.listener.kept();
  }

  isLive(): boolean {
    return this.listener.isLive();
  }

  isLost(): boolean {
    return this.listener.isLost?.() === true;
  }

  settledEarly(delivery: SourceDelivery, beside: 'alone' | 'among-others'): void {
    this.watch().settledEarly(delivery, beside);
  }

  settledUnheld(delivery: SourceDelivery): void {
    this.watch().gate.settledUnworked(delivery);
  }

  worked(): void {
    this.watch().gate.prove();
  }

  returned(): void {
    this.watch().returned();
  }

  left(delivery: SourceDelivery): void {
    this.watch().gate.left(delivery);
  }

  withheld(operator: object): void {
    this.watch().gate.withheld(operator);
  }

  doubted(delivery: SourceDelivery): void {
    this.watch().gate.doubt(delivery);
  }
}

import type { SchedulerLike } from 'rxjs';
import { Deliveries } from '../delivery/deliveries.js';
import type { DeliveriesListener } from '../delivery/source-delivery.js';
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
  return new Deliveries(
    scheduler,
    {
      settled: listener.settled,
      ...(listener.unsettled && { unsettled: listener.unsettled }),
      ended: listener.ended,
      failed: listener.failed,
      kept: listener.kept,
      isLive: listener.isLive,
      ...(listener.isLost && { isLost: listener.isLost }),
      settledEarly: (delivery, beside) => watch().settledEarly(delivery, beside),
      settledUnheld: (delivery) => watch().gate.settledUnworked(delivery),
      worked: () => watch().gate.prove(),
      returned: () => watch().returned(),
      left: (delivery, how) => watch().gate.left(delivery, how),
      withheld: (operator) => watch().gate.withheld(operator),
      doubted: (delivery) => watch().gate.doubt(delivery),
    },
    sharesIds,
  );
}

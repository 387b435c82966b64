import { mergeMap, type MonoTypeOperatorFunction } from 'rxjs';
import { asText, headerWith, type ChangeEvent } from '@rxforce/core/model';

/**
 * Emits one event for each record of a merged event. A merged event is about several records, because a transaction
 * made the same change to each.
 *
 * ```marble
 * source  -a---m--------|      a = { recordIds: [1] }, m = { recordIds: [1, 2] }
 *         expandMerged()
 * result  -a---(xy)-----|      x = { recordIds: [1] }, y = { recordIds: [2] }
 * settled -a---m---------
 * ```
 *
 * Everything else is as in the merged event, including `id` and `replayId`. An operator that identifies events by these
 * must come before this one, or also use the record id. Events about one record are passed on unchanged. So is a
 * wildcard such as `001*`, which stands for records that the event does not name.
 *
 * - Complete, error, unsubscribe: passed on.
 * - Delivery: the merged event is settled when the work on all its records is done. When one of its events closes the
 *   subscriber, it is not settled.
 * - Memory: keeps nothing.
 */
export function expandMerged<E extends Pick<ChangeEvent, 'header'>>(): MonoTypeOperatorFunction<E> {
  return mergeMap(oneForEachRecord);
}

/** A copy has all own properties of the event, including the delivery that it carries. */
function oneForEachRecord<E extends Pick<ChangeEvent, 'header'>>(event: E): readonly E[] {
  const { header } = event;
  if (header.recordIds.length < 2) return [event];
  return header.recordIds.map((id) => asText({ ...event, header: headerWith(header, { recordIds: [id] }) }));
}

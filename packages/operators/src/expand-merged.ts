import { mergeMap, type MonoTypeOperatorFunction } from 'rxjs';
import { headerWith, type ChangeEvent } from '@rxforce/core/model';

/**
 * Emits an event for each record of a merged event: one that is about several records, because a transaction made the same
 * change to each.
 *
 * ```marble
 * source  -a---m--------|      a = { recordIds: [1] }, m = { recordIds: [1, 2] }
 *         expandMerged()
 * result  -a---(xy)-----|      x = { recordIds: [1] }, y = { recordIds: [2] }
 * ```
 *
 * All else is as in the merged event, its `id` and `replayId` too: what tells events apart by these must come before, or
 * take the record id in. Events about one record are passed on untouched. So is a wildcard such as `001*`: it stands for
 * records that the event does not name.
 *
 * - Complete, error, unsubscribe: passed on.
 * - Delivery: the merged event is settled once the work on all its records is done. When the subscriber is closed by one of
 *   them, it is not settled.
 * - Memory: keeps nothing.
 */
export function expandMerged<E extends Pick<ChangeEvent, 'header'>>(): MonoTypeOperatorFunction<E> {
  return mergeMap(oneForEachRecord);
}

/** A copy has all of the event that is its own: the delivery that it carries, too. */
function oneForEachRecord<E extends Pick<ChangeEvent, 'header'>>(event: E): readonly E[] {
  const { header } = event;
  if (header.recordIds.length < 2) return [event];
  return header.recordIds.map((id) => ({ ...event, header: headerWith(header, { recordIds: [id] }) }));
}

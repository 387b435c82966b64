import { asyncScheduler, auditTime as rxAuditTime, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { latest } from './kept/latest.js';

/**
 * RxJS's `auditTime`, which holds the events of the value that it keeps, and of the values that it has superseded.
 *
 * ```marble
 * source  -a-b-c---------|
 *         auditTime(3)
 * result  ----b---c------|
 * settled ----(ab)c-------
 * ```
 *
 * - Complete: as RxJS's. A kept value that will never be emitted is settled, like a value that a filter drops.
 * - Error, unsubscribe: drops what was kept, without settling it.
 * - Delivery: a value is emitted in the scope of its event and of the events that it has superseded, which are settled
 *   with it. When all events of the window are kept, so that no more can come, superseded events are settled early.
 * - Memory: one value; and a claim on each event superseded, on a rxforce stream at most its window.
 */
export function auditTime<T>(duration: number, scheduler: SchedulerLike = asyncScheduler): MonoTypeOperatorFunction<T> {
  return (source) => latest(source, rxAuditTime(duration, scheduler));
}

import { Subscriber } from 'rxjs';

/** Whom a subscriber hands its values on to, nearest first. */
export type Lineage = readonly Subscriber<unknown>[];

/**
 * Who stands behind a subscriber in its pipeline, as far as RxJS's operators tell: what `retry()` subscribes anew ends in
 * the same subscriber as what it had subscribed before. Ask while the subscriber lives: RxJS lets go of it at the end.
 */
export function lineageOf(subscriber: Subscriber<unknown>): Lineage {
  const lineage: Subscriber<unknown>[] = [];
  for (let next = destinationOf(subscriber); next; next = destinationOf(next)) lineage.push(next);
  return lineage;
}

/**
 * How near two subscribers are: the distance from the first one to whom both hand their values on, or `Infinity`.
 *
 * @param later - Whose distance counts.
 */
export function distanceOf(later: Lineage, earlier: Lineage): number {
  const distance = later.findIndex((ancestor) => earlier.includes(ancestor));
  return distance === -1 ? Infinity : distance;
}

/** RxJS declares it protected. Not every operator tells: one that subscribes with plain functions ends the line. */
function destinationOf(subscriber: Subscriber<unknown>): Subscriber<unknown> | undefined {
  const { destination } = subscriber as unknown as { readonly destination: unknown };
  return destination instanceof Subscriber ? destination : undefined;
}

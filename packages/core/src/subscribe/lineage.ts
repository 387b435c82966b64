import { Subscriber } from 'rxjs';
import { Stage } from '../flow/stage.js';

/**
 * Whom a subscriber hands its values on to, nearest first: subscribers, and the Observables that were subscribed to, by which
 * one is known that is subscribed to again.
 */
export type Lineage = readonly object[];

/**
 * Who stands behind a subscriber in its pipeline, as far as stages and RxJS's operators tell: what `retry()` subscribes anew
 * ends in the same subscriber as what it had subscribed before, and what reconnects a `share()` comes through the same
 * Observable. Ask while the subscriber lives: RxJS lets go of it at the end.
 */
export function lineageOf(subscriber: Subscriber<unknown>): Lineage {
  const lineage: object[] = [];
  let following: Stage<never> | undefined;
  let next: Subscriber<unknown> | undefined = subscriber;
  while (next) {
    if (next !== subscriber) lineage.push(next);
    if (next instanceof Stage) {
      // All have the stream itself in common.
      if (!next.place.isStream) lineage.push(next.place);
      following = next.following ?? following;
    }
    const onward: Subscriber<unknown> | undefined = destinationOf(next);
    next = onward ?? (following as Subscriber<unknown> | undefined);
    if (onward === undefined) following = undefined;
  }
  return lineage;
}

/** Whether everybody in it has gone. */
export function isOver(lineage: Lineage): boolean {
  return lineage.every((each) => !(each instanceof Subscriber) || each.closed);
}

/**
 * How near two subscribers are: the distance from the first one to what both hand their values on to, or `Infinity`.
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

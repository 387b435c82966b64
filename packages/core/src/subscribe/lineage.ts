import { currentFrame, type Frame } from '../delivery/subscribing.js';

/** The subscriptions and Observables through which a subscription of a stream was made. */
export interface Lineage {
  /** The subscriptions that it is part of, innermost first. */
  readonly frames: readonly Frame[];
}

/**
 * The lineage of the subscription being made. When `retry()` subscribes anew, the new subscription is part of the same
 * subscription as the earlier one. When a `share()` connects again, it comes through the same Observable.
 */
export function lineageHere(): Lineage {
  const frames: Frame[] = [];
  for (let frame = currentFrame(); frame; frame = frame.parent) frames.push(frame);
  // A copy has no room for more.
  return { frames: frames.slice() };
}

/** Its innermost subscription in which somebody still waits. `undefined` when all are over. */
export function waitingIn({ frames }: Lineage): Frame | undefined {
  return frames.find(({ subscriber }) => !subscriber.closed);
}

/** Whether the last subscriber is unknown, because an opaque operator subscribed. */
export function isOrphan({ frames }: Lineage): boolean {
  return frames.at(-1)?.last === undefined;
}

/** Whether a subscription was made as the inner part of an earlier one, whose outer part still waits. */
export function isAlike(later: Lineage, earlier: Lineage): boolean {
  const waiting = waitingIn(earlier);
  const over = waiting === undefined ? earlier.frames.length : earlier.frames.indexOf(waiting);
  return later.frames.length === over && later.frames.every(({ of }, index) => of === earlier.frames[index]?.of);
}

/**
 * How near two subscriptions are: the distance from the first one to the subscription that both are part of. `Infinity`
 * where there is none.
 *
 * @param later - The subscription whose distance counts.
 */
export function distanceOf(later: Lineage, earlier: Lineage): number {
  return distance(later.frames, earlier.frames);
}

/** The same for the Observable that both came through, such as a `share()` of two consumers. */
export function distanceThrough(later: Lineage, earlier: Lineage): number {
  return distance(sourcesOf(later), sourcesOf(earlier));
}

/** The Observables subscribed to in its frames, except the stream itself, which all have in common. */
function sourcesOf({ frames }: Lineage): readonly object[] {
  return frames.flatMap(({ of }) => of ?? []);
}

function distance(later: readonly object[], earlier: readonly object[]): number {
  const index = later.findIndex((each) => earlier.includes(each));
  return index === -1 ? Infinity : index;
}

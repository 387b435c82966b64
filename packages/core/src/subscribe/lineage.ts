import { currentFrame, type Frame } from '../delivery/subscribing.js';

/** Through what a subscription of a stream was made. */
export interface Lineage {
  /** The subscriptions that it is part of, innermost first. */
  readonly frames: readonly Frame[];
  /** What was subscribed to in them, but for the stream itself, which all have in common. */
  readonly sources: readonly object[];
}

/**
 * The lineage of what is being subscribed to: what `retry()` subscribes anew is part of the same subscription as what it had
 * subscribed before, and what reconnects a `share()` comes through the same Observable.
 */
export function lineageHere(): Lineage {
  const frames: Frame[] = [];
  for (let frame = currentFrame(); frame; frame = frame.parent) frames.push(frame);
  return { frames, sources: frames.flatMap(({ of }) => of ?? []) };
}

/** The innermost subscription in it that somebody still waits in; `undefined` when all are over. */
export function waitingIn({ frames }: Lineage): Frame | undefined {
  return frames.find(({ subscriber }) => !subscriber.closed);
}

/** Whether it is not known who subscribed in the end: an operator did, which cannot be looked into. */
export function isOrphan({ frames }: Lineage): boolean {
  return frames.at(-1)?.isLast !== true;
}

/** Whether a subscription was made as the inner part of an earlier one was, of which the outer part still waits. */
export function isAlike(later: Lineage, earlier: Lineage): boolean {
  const waiting = waitingIn(earlier);
  const over = waiting === undefined ? earlier.frames.length : earlier.frames.indexOf(waiting);
  return later.frames.length === over && later.frames.every(({ of }, index) => of === earlier.frames[index]?.of);
}

/**
 * How near two subscriptions are: the distance from the first one to what both are part of, `Infinity` where there is no such
 * thing.
 *
 * @param later - Whose distance counts.
 */
export function distanceOf(later: Lineage, earlier: Lineage): number {
  return distance(later.frames, earlier.frames);
}

/** The same for what both came through, such as a `share()` that two consumers have. */
export function distanceThrough(later: Lineage, earlier: Lineage): number {
  return distance(later.sources, earlier.sources);
}

function distance(later: readonly object[], earlier: readonly object[]): number {
  const index = later.findIndex((each) => earlier.includes(each));
  return index === -1 ? Infinity : index;
}

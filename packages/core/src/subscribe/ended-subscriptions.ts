import type { StreamPosition } from '../ports/replay-store.js';
import { distanceOf, distanceThrough, isAlike, isOrphan, waitingIn, type Lineage } from './lineage.js';

/** A subscription that has ended. */
export interface EndedSubscription {
  /** The number of the subscription, counted from 1 for each client. */
  readonly subscription: number;
  /** Where the subscription that follows it continues. `undefined` where no position is known. */
  readonly position: StreamPosition | undefined;
  readonly lineage: Lineage;
  /** Whether another subscription continues where it ended. Otherwise only its ending is remembered. */
  readonly isFollowed: boolean;
  readonly ending: Ending;
}

/** `errored` and `completed`: it ended by itself. `left`: its subscriber left, as after an error downstream. */
export type Ending = 'left' | 'errored' | 'completed';

/** More subscriptions than wait to be followed, except where they are subscribed to and left again and again. */
const MOST_REMEMBERED = 100;

/**
 * Where the subscriptions of one Observable ended, for those that follow them.
 *
 * A subscription follows the one that was part of the same subscription of a pipeline, as when `retry()` subscribes
 * anew. So two consumers with a `retry()` each never continue at each other's position, in whatever order they fail.
 * Among several that are equally near, it follows the first one made, as they are made again in the same order.
 *
 * Where an opaque operator subscribes, as in `merge(a$, b$).pipe(retry(), handle(save))`, the frame is not known. Then
 * it follows a subscription that was made alike and that somebody downstream still waits for.
 *
 * A subscription without such a relation is a stranger. It considers ended subscriptions whose pipeline is gone. It
 * follows the only one that came through the same piped Observable, or else the only one with as many operators after
 * it, or else the only one of all. Otherwise it follows none, because the wrong one could be ahead of the events that
 * it received. Where it does not start at the tip, its start is before any position that it could follow. There it
 * follows only one that errored, as an opaque operator may have subscribed to it again.
 */
export class EndedSubscriptions {
  private ended: EndedSubscription[] = [];

  add(subscription: EndedSubscription): void {
    this.ended.push(subscription);
    if (this.ended.length > MOST_REMEMBERED) this.ended.shift();
  }

  /**
   * Removes and returns the subscription to follow. `'unknown'` where it cannot be known which.
   *
   * @param startsAtTip - Whether the subscription would start at the tip.
   */
  follow(lineage: Lineage, startsAtTip = true): EndedSubscription | 'unknown' | undefined {
    const [related] = nearest(this.ended.filter(isFollowed), lineage, distanceOf);
    const followed = related ?? this.waitedFor(lineage) ?? this.byStranger(lineage, startsAtTip);
    this.ended = this.ended.filter((ended) => ended !== followed);
    return followed;
  }

  /** The ending of the subscription to follow. `undefined` where there is none, or only a stranger's. */
  before(lineage: Lineage): Ending | undefined {
    const [related = nearest(this.ended, lineage, distanceThrough)[0]] = nearest(this.ended, lineage, distanceOf);
    return related?.ending;
  }

  /** An ended subscription of a pipeline that still waits, and whose `retry()` is opaque. */
  private waitedFor(lineage: Lineage): EndedSubscription | undefined {
    if (!isOrphan(lineage)) return undefined;
    const waiting = this.ended.filter((ended) => isFollowed(ended) && waitingIn(ended.lineage));
    const alike = waiting.filter((ended) => isAlike(lineage, ended.lineage));
    // Those of one pipeline are made again in the same order. For several pipelines the order is unknown.
    const pipelines = new Set(alike.map((ended) => waitingIn(ended.lineage)));
    return pipelines.size === 1 ? alike.sort((a, b) => a.subscription - b.subscription)[0] : undefined;
  }

  private byStranger(lineage: Lineage, startsAtTip: boolean): EndedSubscription | 'unknown' | undefined {
    // Where a subscriber after it still waits, that subscriber will subscribe again.
    const gone = this.ended.filter((ended) => isFollowed(ended) && waitingIn(ended.lineage) === undefined);
    const left = gone.filter(({ ending }) => startsAtTip || ending === 'errored');
    if (left.length === 0 && gone.length > 0 && isOrphan(lineage)) return 'unknown';
    const throughSame = nearest(left, lineage, distanceThrough);
    const alike = left.filter((ended) => ended.lineage.frames.length === lineage.frames.length);
    const [only, ...others] = [throughSame, alike, left].find(({ length }) => length > 0) ?? [];
    return others.length > 0 ? 'unknown' : only;
  }
}

/** The subscriptions nearest to a lineage, the first one made first. None where all are infinitely far. */
function nearest(
  ended: readonly EndedSubscription[],
  lineage: Lineage,
  distance: typeof distanceOf,
): EndedSubscription[] {
  const distances = ended.map((each) => distance(lineage, each.lineage));
  const least = Math.min(...distances);
  if (least === Infinity) return [];
  return ended.filter((_each, index) => distances[index] === least).sort((a, b) => a.subscription - b.subscription);
}

const isFollowed = (ended: EndedSubscription): boolean => ended.isFollowed;

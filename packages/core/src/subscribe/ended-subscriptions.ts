import type { StreamPosition } from '../ports/replay-store.js';
import { distanceOf, distanceThrough, isAlike, isOrphan, waitingIn, type Lineage } from './lineage.js';

/** A subscription that has ended. */
export interface EndedSubscription {
  /** Which of its client's, counted from 1. */
  readonly subscription: number;
  /** Where one that follows it goes on; `undefined` where no position is known. */
  readonly position: StreamPosition | undefined;
  readonly lineage: Lineage;
  /** Whether another one goes on where it ended; otherwise it is only remembered how that was. */
  readonly isFollowed: boolean;
  readonly ending: Ending;
}

/** `errored` and `completed` by itself; `left` by its subscriber, as after an error downstream. */
export type Ending = 'left' | 'errored' | 'completed';

/** More than wait to be followed, unless they are subscribed to and left again and again. */
const MOST_REMEMBERED = 100;

/**
 * Where the subscriptions of one Observable ended, for those that follow them.
 *
 * A subscription follows the one that was part of the same subscription of a pipeline, as what `retry()` subscribes anew: so two
 * consumers that each `retry()` never go on at each other's position, whoever fails first. Among several that are equally near,
 * the first one made, as they are made again in the same order.
 *
 * Where an operator subscribes that cannot be looked into, as in `merge(a$, b$).pipe(retry(), handle(save))`, the frame is not
 * known. It follows what was made alike, where somebody downstream still waits.
 *
 * One that is part of nothing in common is a stranger. It follows the only one there is whose pipeline is gone and that came
 * through the same piped Observable, or has as many operators after it, or is there at all; otherwise none, because the wrong
 * one could be ahead of what it was given. Where it starts elsewhere than at the tip, that is before what it could follow: there
 * it follows only one that errored, which an operator that cannot be looked into may have subscribed to again.
 */
export class EndedSubscriptions {
  private ended: EndedSubscription[] = [];

  add(subscription: EndedSubscription): void {
    this.ended.push(subscription);
    if (this.ended.length > MOST_REMEMBERED) this.ended.shift();
  }

  /**
   * Takes the one that is followed out, or says that it cannot be known which.
   *
   * @param startsAtTip - Whether the subscription would start at the tip.
   */
  follow(lineage: Lineage, startsAtTip = true): EndedSubscription | 'unknown' | undefined {
    const [related] = nearest(this.ended.filter(isFollowed), lineage, distanceOf);
    const followed = related ?? this.waitedFor(lineage) ?? this.byStranger(lineage, startsAtTip);
    this.ended = this.ended.filter((ended) => ended !== followed);
    return followed;
  }

  /** How the one ended that would be followed; `undefined` where there is none, or a stranger's. */
  before(lineage: Lineage): Ending | undefined {
    const [related = nearest(this.ended, lineage, distanceThrough)[0]] = nearest(this.ended, lineage, distanceOf);
    return related?.ending;
  }

  /** Of a pipeline that still waits, whose `retry()` cannot be looked into. */
  private waitedFor(lineage: Lineage): EndedSubscription | undefined {
    if (!isOrphan(lineage)) return undefined;
    const waiting = this.ended.filter((ended) => isFollowed(ended) && waitingIn(ended.lineage));
    const alike = waiting.filter((ended) => isAlike(lineage, ended.lineage));
    // Of one pipeline they are made again in the same order; of several nobody knows.
    const pipelines = new Set(alike.map((ended) => waitingIn(ended.lineage)));
    return pipelines.size === 1 ? alike.sort((a, b) => a.subscription - b.subscription)[0] : undefined;
  }

  private byStranger(lineage: Lineage, startsAtTip: boolean): EndedSubscription | 'unknown' | undefined {
    // Where somebody after it still waits, that one will subscribe again.
    const gone = this.ended.filter((ended) => isFollowed(ended) && waitingIn(ended.lineage) === undefined);
    const left = gone.filter(({ ending }) => startsAtTip || ending === 'errored');
    if (left.length === 0 && gone.length > 0 && isOrphan(lineage)) return 'unknown';
    const throughSame = nearest(left, lineage, distanceThrough);
    const alike = left.filter((ended) => ended.lineage.frames.length === lineage.frames.length);
    const [only, ...others] = [throughSame, alike, left].find(({ length }) => length > 0) ?? [];
    return others.length > 0 ? 'unknown' : only;
  }
}

/** Those that are nearest to a lineage, the first one made first; none where all are infinitely far. */
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

import type { StreamPosition } from '../ports/replay-store.js';
import { distanceOf, isOver, type Lineage } from './lineage.js';

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
 * A subscription follows the one whose values went the same way: so two consumers that each `retry()` never go on at each
 * other's position, whoever fails first. Among several that are equally near, the first one made, as they are made again
 * in the same order.
 *
 * One that has nothing in common with any is a stranger. It follows the only one there is whose pipeline is gone, or the only
 * one of those with as many operators behind it; otherwise none, because the wrong one could be ahead of what it was given.
 * Where it starts elsewhere than at the tip, that is before what it could follow: there it follows only one that errored, which
 * an operator that cannot be looked into may have subscribed to again.
 */
export class EndedSubscriptions {
  private ended: EndedSubscription[] = [];

  add(subscription: EndedSubscription): void {
    this.ended.push(subscription);
    if (this.ended.length > MOST_REMEMBERED) this.ended.shift();
  }

  /**
   * Takes the one that is followed out, or tells that it cannot be known which.
   *
   * @param startsAtTip - Whether the subscription would start at the tip.
   */
  follow(lineage: Lineage, startsAtTip = true): EndedSubscription | 'unknown' | undefined {
    const followed = this.related(lineage, isFollowed) ?? this.unrelated(lineage, startsAtTip);
    this.ended = this.ended.filter((ended) => ended !== followed);
    return followed;
  }

  /** How the one ended that would be followed; `undefined` where there is none, or a stranger's. */
  before(lineage: Lineage): Ending | undefined {
    return this.related(lineage, () => true)?.ending;
  }

  private related(lineage: Lineage, mayBe: (ended: EndedSubscription) => boolean): EndedSubscription | undefined {
    const candidates = this.ended.filter(mayBe);
    const distances = candidates.map((ended) => distanceOf(lineage, ended.lineage));
    const nearest = Math.min(...distances);
    if (nearest === Infinity) return undefined;
    const [first] = candidates
      .filter((_ended, index) => distances[index] === nearest)
      .sort((a, b) => a.subscription - b.subscription);
    return first;
  }

  private unrelated({ length }: Lineage, startsAtTip: boolean): EndedSubscription | 'unknown' | undefined {
    // Where somebody behind it still waits, that one will subscribe again.
    const left = this.ended.filter(
      (ended) => isFollowed(ended) && isOver(ended.lineage) && (startsAtTip || ended.ending === 'errored'),
    );
    const alike = left.filter(({ lineage }) => lineage.length === length);
    const [only, ...others] = alike.length > 0 ? alike : left;
    return others.length > 0 ? 'unknown' : only;
  }
}

const isFollowed = (ended: EndedSubscription): boolean => ended.isFollowed;

import type { StreamPosition } from '../ports/replay-store.js';
import { distanceOf, type Lineage } from './lineage.js';

/** A subscription that has ended. */
export interface EndedSubscription {
  /** Which of its client's, counted from 1. */
  readonly subscription: number;
  /** Where one that follows it goes on; `undefined` where no position is known. */
  readonly position: StreamPosition | undefined;
  readonly lineage: Lineage;
}

/** More than wait to be followed, unless they are subscribed to and left again and again. */
const MOST_REMEMBERED = 100;

/**
 * Where the subscriptions of one Observable ended, for those that follow them.
 *
 * A subscription follows the one whose values went the same way: so two consumers that each `retry()` never go on at each
 * other's position, whoever fails first. Among several that are equally near, the first one made, as they are made again
 * in the same order. One that has nothing in common with any follows the only one there is whose pipeline is gone, or the
 * only one of those with as many operators behind it; otherwise none, because the wrong one could be ahead of what it was
 * given.
 */
export class EndedSubscriptions {
  private ended: EndedSubscription[] = [];

  add(subscription: EndedSubscription): void {
    this.ended.push(subscription);
    if (this.ended.length > MOST_REMEMBERED) this.ended.shift();
  }

  /** Takes the one that is followed out, or tells that it cannot be known which. */
  follow(lineage: Lineage): EndedSubscription | 'unknown' | undefined {
    const followed = this.related(lineage) ?? this.unrelated(lineage);
    this.ended = this.ended.filter((ended) => ended !== followed);
    return followed;
  }

  private related(lineage: Lineage): EndedSubscription | undefined {
    const distances = this.ended.map((ended) => distanceOf(lineage, ended.lineage));
    const nearest = Math.min(...distances);
    if (nearest === Infinity) return undefined;
    const [first] = this.ended
      .filter((_ended, index) => distances[index] === nearest)
      .sort((a, b) => a.subscription - b.subscription);
    return first;
  }

  private unrelated({ length }: Lineage): EndedSubscription | 'unknown' | undefined {
    // Where somebody behind it still waits, that one will subscribe again.
    const left = this.ended.filter(({ lineage }) => lineage.every(({ closed }) => closed));
    const alike = left.filter(({ lineage }) => lineage.length === length);
    const [only, ...others] = alike.length > 0 ? alike : left;
    return others.length > 0 ? 'unknown' : only;
  }
}

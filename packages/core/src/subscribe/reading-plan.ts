import type { EventOf } from './hand-out.js';
import type { ReadingOptions } from './options.js';
import type { PositionKeeper } from './position-keeper.js';

/** What the subscriptions of one Observable read, and how. */
export interface ReadingPlan<E> {
  /** The topic's whole name, or that of the managed subscription. */
  readonly topic: string;
  readonly options: ReadingOptions;
  readonly keeper: PositionKeeper;
  readonly eventOf: EventOf<E>;
}

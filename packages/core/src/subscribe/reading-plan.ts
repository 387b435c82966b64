import type { EventOf } from './hand-out.js';
import type { ReadingOptions } from './options.js';
import type { PositionKeeper } from './position-keeper.js';

/** The topic that the subscriptions of one Observable read, and how they read it. */
export interface ReadingPlan<E> {
  /** The topic's whole name, or that of the managed subscription. */
  readonly topic: string;
  readonly options: ReadingOptions;
  readonly keeper: PositionKeeper;
  readonly eventOf: EventOf<E>;
}

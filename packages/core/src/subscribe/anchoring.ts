import { Subscription, switchMap, type SchedulerLike } from 'rxjs';
import type { Beginning } from '../position/beginning.js';
import type { Place } from '../position/place.js';
import type { Inbox } from './inbox.js';
import { timeOfEvent } from './missing-schema.js';
import type { Received, Schemas } from './received.js';

/**
 * How long before now the first event counts as having happened where its time cannot be read, in milliseconds. It is
 * more than the error of any clock. Events in between may come again.
 */
const UNREADABLE_MARGIN_MS = 3_600_000;

/** The parts of anchoring. */
export interface AnchoringParts {
  readonly scheduler: SchedulerLike;
  readonly topic: string;
  readonly schemas: Schemas;
  readonly beginning: Beginning;
  readonly place: Pick<Place, 'current' | 'flush'>;
  readonly inbox: Pick<Inbox, 'pause' | 'resume'>;
  /** The anchor is known, and events may be delivered. */
  readonly anchored: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Finds the position at which the first event after the tip comes again: after a keepalive's position, or with the
 * events of its time. No event is delivered before that position is known and, where there is a store, durable.
 */
export class Anchoring {
  /** Whether the first event after the tip came. Only its time counts. */
  private isBegun = false;
  private readonly work = new Subscription();

  constructor(private readonly parts: AnchoringParts) {}

  /** Whether the next event is the first after the tip. */
  get isDue(): boolean {
    return !this.isBegun && this.parts.beginning.isAdrift;
  }

  /** Holds events back until the first one can be found again. */
  anchorAt(received: Received): void {
    const { place, inbox, anchored, failed } = this.parts;
    this.isBegun = true;
    inbox.pause();
    const done = () => {
      inbox.resume();
      anchored();
    };
    if (place.current() === undefined) this.work.add(this.saved(received).subscribe({ error: failed, complete: done }));
    else place.flush(done);
  }

  /** The stream begins anew. */
  reset(): void {
    this.isBegun = false;
  }

  stop(): void {
    this.work.unsubscribe();
  }

  private saved(received: Received) {
    const { scheduler, topic, schemas, beginning } = this.parts;
    return timeOfEvent(schemas, topic, received).pipe(
      switchMap((time) => beginning.anchorAt(new Date(time ?? scheduler.now() - UNREADABLE_MARGIN_MS))),
    );
  }
}

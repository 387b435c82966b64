import type { SchedulerLike } from 'rxjs';
import type { ReplayId } from '../model/replay-id.js';
import type { FetchedEvent } from '../ports/fetched-event.js';
import { Announcements } from './announcements.js';
import { droppedWork } from './delivery-errors.js';
import { SourceDelivery, type DeliveriesListener, type DeliveryOwner } from './source-delivery.js';
import { Watermark } from './watermark.js';

/** The events of one subscription, from receipt to settlement. */
export class Deliveries implements DeliveryOwner {
  readonly watermark: Watermark;
  /** How many events are in work: claimed, and neither settled nor dropped. */
  inWork = 0;
  /** How many claimed events are not settled: in work, or dropped. */
  unsettledWork = 0;
  /** How many events in work are only kept, by all their holders, until others come. */
  kept = 0;
  /** The functions to call when no others can come, with how many holds each is for. */
  private keepers: Map<() => void, Keeper> | undefined;
  /** The last one that was counted. An operator that collects counts many events in a row. */
  private lastKeeper: Keeper = NOBODY;
  private runningWork: Set<PromiseLike<unknown>> | undefined;
  /** Reports the fate of events to their holders. */
  readonly announcements: Announcements;
  private checkScheduled = false;

  /** @param sharesIds - Whether events of the stream may share a replay id. */
  constructor(
    private readonly scheduler: SchedulerLike,
    readonly listener: DeliveriesListener,
    sharesIds = false,
  ) {
    this.watermark = new Watermark(undefined, sharesIds);
    this.announcements = new Announcements(scheduler);
  }

  /** The event that was received first of those that are not settled. */
  get oldest(): SourceDelivery | undefined {
    return this.watermark.oldestOpen as SourceDelivery | undefined;
  }

  /** Work that continues although its event was given up. */
  get running(): Set<PromiseLike<unknown>> {
    return (this.runningWork ??= new Set());
  }

  /**
   * Registers a received event, in the order of the stream.
   *
   * @param replayId - `undefined` for an event without one, which counts as being at the position of the event before
   * it.
   * @param event - The event as it came, where it came from the service.
   */
  open(replayId: ReplayId | undefined, event?: FetchedEvent): SourceDelivery {
    return this.enter(new SourceDelivery(this, event), replayId);
  }

  /** Registers a delivery that was made elsewhere, after those before it. */
  enter<D extends SourceDelivery>(delivery: D, replayId?: ReplayId): D {
    return this.watermark.open(replayId, delivery);
  }

  /** Calls the flush functions, as no more events can come before some kept events are released. */
  flush(): void {
    [...(this.keepers?.keys() ?? [])].forEach((flush) => flush());
  }

  /** For SourceDelivery: counts the holds that keep an event until `flush`. */
  keptBy(flush: () => void, change: 1 | -1): void {
    const keeper = this.keeperOf(flush);
    keeper.holds += change;
    this.lastKeeper = keeper;
    if (keeper.holds > 0) return;
    this.keepers?.delete(flush);
    this.lastKeeper = NOBODY;
  }

  private keeperOf(flush: () => void): Keeper {
    if (this.lastKeeper.flush === flush) return this.lastKeeper;
    const keepers = (this.keepers ??= new Map<() => void, Keeper>());
    const keeper = keepers.get(flush) ?? { flush, holds: 0 };
    keepers.set(flush, keeper);
    return keeper;
  }

  /** For SourceDelivery: work on an event continues although the event was given up. */
  runsOn(work: PromiseLike<unknown>): void {
    const over = () => {
      this.running.delete(work);
      this.listener.ended();
    };
    if (this.running.has(work)) return;
    this.running.add(work);
    work.then(over, over);
  }

  /**
   * For SourceDelivery: nothing will settle the event. Its subscription may be about to end, so this is checked in a
   * later turn.
   */
  neverSettles(delivery: SourceDelivery): void {
    // Another replica settles it.
    if (delivery.isLost()) return;
    if (this.checkScheduled) return;
    this.checkScheduled = true;
    this.scheduler.schedule(() => {
      this.checkScheduled = false;
      if (this.listener.isLive()) this.listener.failed(droppedWork(delivery));
    });
  }
}

/** An operator that collects, and how many of its holds are open. */
interface Keeper {
  readonly flush: (() => void) | undefined;
  holds: number;
}

const NOBODY: Keeper = { flush: undefined, holds: 0 };

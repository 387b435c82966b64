import { tap, type MonoTypeOperatorFunction } from 'rxjs';
import { payloadOf } from '@rxforce/core/delivery';
import { jsonOf, type ChangeEvent, type StreamEvent } from '@rxforce/core/model';
import type { Feed } from '../server/route.js';

/** An event as the page shows it. */
export interface SeenEvent {
  readonly id: string;
  readonly topic: string;
  readonly replayId: string;
  /** The kind of change; `EVENT` for a platform event. */
  readonly type: string;
  readonly entity: string | null;
  readonly recordIds: readonly string[];
  readonly changedFields: readonly string[];
  /** When it was committed in the org, in epoch milliseconds. */
  readonly committedAt: number | null;
  /** When it was seen here, in epoch milliseconds. */
  readonly seenAt: number;
  /** The length of its payload, in bytes; `null` where it is not known any more. */
  readonly bytes: number | null;
  /** Its record. Only where values may be shown. */
  readonly values?: unknown;
}

/** Most events that wait for the next turn of somebody who looks; older ones are left out. */
const MOST_WAITING = 200;

/** One who looks at the events of a topic. */
interface Watcher {
  readonly topic: string | undefined;
  readonly waiting: SeenEvent[];
  leftOut: number;
}

/** Events that pass, for those who look at them. Nothing is kept while nobody looks, and no event is held. */
export class WatchedEvents {
  private readonly watchers = new Set<Watcher>();

  /**
   * @param showsValues - Whether the values of records are shown.
   * @param now - The time, in epoch milliseconds.
   */
  constructor(
    private readonly showsValues: boolean,
    private readonly now: () => number,
  ) {}

  /** Passes everything on, and shows it to those who look. */
  readonly watching = <E>(): MonoTypeOperatorFunction<E> => tap<E>({ next: (event) => this.see(event) });

  /** The events of a topic from now on; of all topics for `undefined`. */
  feed(topic: string | undefined): Feed {
    const watcher: Watcher = { topic, waiting: [], leftOut: 0 };
    this.watchers.add(watcher);
    return {
      next: () => {
        const { leftOut } = watcher;
        watcher.leftOut = 0;
        return { events: watcher.waiting.splice(0), leftOut };
      },
      close: () => void this.watchers.delete(watcher),
    };
  }

  private see(event: unknown): void {
    if (this.watchers.size === 0 || !isEvent(event)) return;
    let seen: SeenEvent | undefined;
    for (const watcher of this.watchers) {
      if (watcher.topic !== undefined && watcher.topic !== event.topic) continue;
      watcher.waiting.push((seen ??= this.seen(event)));
      if (watcher.waiting.length <= MOST_WAITING) continue;
      watcher.waiting.shift();
      watcher.leftOut++;
    }
  }

  private seen(event: StreamEvent): SeenEvent {
    const { id, topic, replayId } = event;
    const { header, data } = event as Partial<ChangeEvent>;
    return {
      ...{ id, topic, replayId: replayId.toString(), seenAt: this.now(), bytes: payloadOf(event)?.length ?? null },
      type: header?.changeType ?? 'EVENT',
      entity: header?.entityName ?? null,
      recordIds: header?.recordIds ?? [],
      changedFields: header?.changedFields ?? [],
      committedAt: header?.commitTimestamp ?? null,
      ...(this.showsValues && { values: jsonOf(data) }),
    };
  }
}

function isEvent(value: unknown): value is StreamEvent {
  const { id, topic, replayId } = Object(value) as Partial<StreamEvent>;
  return typeof id === 'string' && typeof topic === 'string' && replayId instanceof Object;
}

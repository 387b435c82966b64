import type { Subscriber } from 'rxjs';
import type { Hold } from '@rxforce/core/delivery';
import { Deliveries } from '../../../../core/src/delivery/deliveries.js';
import { SourceDelivery } from '../../../../core/src/delivery/source-delivery.js';
import { Demand } from '../../../../core/src/stream-life/demand.js';
import { emitInScope } from '../../../../core/src/delivery/emit-in-scope.js';
import { NO_HOLD } from '../../../../core/src/delivery/no-hold.js';
import { RecentEvents } from '../../../../core/src/position/recent-events.js';
import { Watermark } from '../../../../core/src/delivery/watermark.js';
import { Committer } from '../../../../core/src/position/committer.js';
import { Inbox } from '../../../../core/src/subscribe/inbox.js';
import { Beginning } from '../../../../core/src/position/beginning.js';
import { StoredPlace } from '../../../../core/src/position/stored-place.js';
import { Anchoring } from '../../../../core/src/subscribe/anchoring.js';
import { EventFlow } from '../../../../core/src/subscribe/event-flow.js';
import { Collector, type Group } from '../../../src/batches/collector.js';
import { KeyedQueue } from '../../../../core/src/work/keyed-queue.js';

/** A rule of DESIGN, and the client without it. */
export interface BrokenRule {
  readonly name: string;
  /** What the oracle must say of it. */
  readonly shows: RegExp;
  /**
   * How many scenarios of the usual seed come before one that shows it, where they are many: they need not be played.
   */
  readonly first?: number;
  /** Breaks it in this process, and returns what mends it. */
  readonly breakIt: () => () => void;
}

type Method = (this: object, ...given: never[]) => unknown;

/** Members, private ones too, as the replacements see them. */
type Members = Record<string, unknown>;

/** What an object's private member is. */
function member<T>(of: object, name: string): T {
  return (of as Members)[name] as T;
}

function call(of: object, name: string, ...given: readonly unknown[]): unknown {
  return member<(this: object, ...given: unknown[]) => unknown>(of, name).call(of, ...given);
}

/** Puts something in a member's place. */
function replace(
  { prototype }: { readonly prototype: object },
  name: string,
  by: (original: Method) => PropertyDescriptor,
): () => () => void {
  return () => {
    const original = Object.getOwnPropertyDescriptor(prototype, name);
    if (original === undefined) throw new Error(`There is no ${name} any more: break the rule in another way.`);
    Object.defineProperty(prototype, name, { configurable: true, ...by(original.value as Method) });
    return () => void Object.defineProperty(prototype, name, original);
  };
}

interface Where {
  readonly before: unknown;
  readonly replayId: unknown;
}

/** Each of these loses events, repeats them or stalls. */
export const BROKEN_RULES: readonly BrokenRule[] = [
  {
    name: 'holds are not waited for',
    shows: /passes \d+, whose work/,
    breakIt: replace(SourceDelivery, 'hold', (original) => ({
      value(this: SourceDelivery) {
        (original.call(this) as Hold).release();
        return NO_HOLD;
      },
    })),
  },
  {
    name: 'an event is settled, though its subscriber is closed',
    shows: /passes \d+, whose work/,
    breakIt: replace(SourceDelivery, 'deliver', () => ({
      value(this: SourceDelivery, subscriber: Subscriber<unknown>, event: unknown) {
        call(this, 'claim');
        emitInScope(this, subscriber, event);
        this.releaseOne();
      },
    })),
  },
  {
    name: 'dropped work goes unnoticed',
    shows: /Stalled/,
    first: 119,
    breakIt: replace(Deliveries, 'neverSettles', () => ({ value: () => undefined })),
  },
  {
    name: 'the watermark passes a gap',
    shows: /passes \d+, whose work/,
    breakIt: replace(Watermark, 'position', () => ({
      get(this: object) {
        return member<unknown>(this, 'last');
      },
    })),
  },
  {
    name: 'the next subscription starts after the first unsettled event',
    shows: /passes \d+, whose work/,
    breakIt: replace(Watermark, 'position', () => ({
      get(this: object) {
        return member<Where | undefined>(this, 'oldest')?.replayId ?? member<unknown>(this, 'last');
      },
    })),
  },
  {
    name: 'the next subscription takes no position over',
    shows: /starts at the tip/,
    first: 103,
    breakIt: replace(StoredPlace, 'current', () => ({ value: () => undefined })),
  },
  {
    name: 'a stream goes on after the last event that was settled',
    shows: /was given all before/,
    breakIt: replace(Beginning, 'from', () => ({
      value(this: object) {
        return member<Watermark>(this, 'watermark').position ?? member<unknown>(this, 'preset');
      },
    })),
  },
  {
    name: 'the first event after the tip does not wait for its anchor',
    shows: /starts at the tip/,
    first: 932,
    breakIt: replace(Anchoring, 'anchorAt', () => ({ value: () => undefined })),
  },
  {
    name: 'commits do not wait for a later turn',
    shows: /saved passes \d+, whose work/,
    breakIt: replace(Committer, 'after', (original) => ({
      value(this: object, delayMs: number, work: () => void) {
        if (delayMs === 0) work();
        else original.call(this, delayMs as never, work as never);
      },
    })),
  },
  {
    name: 'a save that fails counts as done',
    shows: /Stalled/,
    breakIt: replace(Committer, 'save', () => ({
      value(this: object, commit: { readonly replayId: unknown }) {
        const listener = member<{ save: (replayId: unknown) => { subscribe(next: () => void): unknown } }>(
          this,
          'listener',
        );
        listener.save(commit.replayId).subscribe(() => call(this, 'saved', commit));
      },
    })),
  },
  {
    name: 'what waits in the inbox is dropped at a reconnect',
    shows: /Stalled/,
    breakIt: replace(EventFlow, 'connecting', (original) => ({
      value(this: object, failures: number) {
        Object.assign(member<object>(member<object>(this, 'reception'), 'inbox'), { queue: [], next: 0 });
        original.call(this, failures as never);
      },
    })),
  },
  {
    name: 'the inbox hands out the newest first',
    shows: /was handed out after/,
    breakIt: replace(Inbox, 'push', () => ({
      value(this: object, received: unknown) {
        const queue = member<unknown[]>(this, 'queue');
        queue.splice(member<number>(this, 'next'), 0, received);
      },
    })),
  },
  {
    name: 'handle() keeps no order by key',
    shows: /two of record/,
    breakIt: replace(KeyedQueue, 'add', (original) => ({
      value(this: object, item: unknown) {
        original.call(this, item as never, [] as never);
      },
    })),
  },
  {
    name: 'batchBy() lets go of its events before it emits them',
    shows: /passes|early/,
    breakIt: replace(Collector, 'letGo', (original) => ({
      value(this: object, group: Group<unknown>, result: unknown) {
        group.holds.splice(0).forEach((held) => held.release());
        original.call(this, group as never, result as never);
      },
    })),
  },
  {
    name: 'events that the service sends again are handed out again',
    shows: /twice/,
    breakIt: replace(RecentEvents, 'seen', () => ({ value: () => false })),
  },
  {
    name: 'what a stream had outstanding is waited for when it is gone',
    shows: /Stalled/,
    breakIt: replace(Demand, 'streamEnded', () => ({ value: () => undefined })),
  },
  {
    name: 'more is asked for at the threshold alone',
    shows: /Stalled/,
    first: 247,
    breakIt: replace(Demand, 'take', (original) => ({
      value(this: Demand) {
        const { refillAt } = member<{ readonly refillAt: number }>(this, 'options');
        return this.free < Math.min(refillAt, 100) ? 0 : original.call(this);
      },
    })),
  },
  {
    name: 'the window bounds what is outstanding, and not what is in work',
    shows: /asked for or in work|Beyond/,
    breakIt: replace(Demand, 'free', () => ({
      get(this: Demand) {
        return member<{ readonly window: number }>(this, 'options').window - this.outstanding;
      },
    })),
  },
];

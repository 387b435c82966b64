import type { Watermark } from '../delivery/watermark.js';
import type { Lease } from '../ports/lease.js';
import { ManagedLine, textOf } from '../position/managed-line.js';
import type { ResolvedManaged } from '../position/managed-name.js';
import { ManagedPlace } from '../position/managed-place.js';
import { managedSource } from '../position/managed-source.js';
import type { Place, PlaceListener } from '../position/place.js';
import type { PositionGate } from '../position/position-gate.js';
import { memoryOf, newMemory, type PositionMemory } from '../position/position-memory.js';
import type { ResolvedReplay } from '../position/replay-options.js';
import { StoredPlace } from '../position/stored-place.js';
import type { StreamSource } from '../position/stream-source.js';
import { topicSource } from '../position/topic-source.js';
import { UncommittedEvents } from '../position/uncommitted-events.js';
import type { InvalidPolicy } from '../stream-life/life-step.js';
import type { ResolvedSubscribeOptions } from './options.js';
import type { ManagedStreamContext, StreamContext } from './stream-context.js';

/** The parts of a subscription that depend on the position's keeper. */
export interface SubscriptionParts {
  readonly place: Place;
  readonly source: StreamSource;
}

/** The input for those parts. */
export interface PartsOf {
  readonly watermark: Watermark;
  readonly gate: PositionGate;
  readonly listener: PlaceListener;
  /** The fencing token of the lease, where there is one. */
  readonly fence: number | undefined;
  /** A stream began after events that were received and not committed. The service has another position. */
  readonly jumped: () => void;
}

/** A lease, and the name of the position that its holder may commit. */
export interface NamedLease {
  readonly lease: Lease;
  readonly name: string;
}

/** The keeper of the position for the subscriptions of one Observable, and all that depends on it. */
export interface PositionKeeper {
  /** The position's name, or that of the managed subscription; `undefined` where nobody keeps the position. */
  readonly name: string | undefined;
  /** Where the first stream starts. */
  readonly from: ResolvedReplay['from'] | 'committed';
  /** What to do when the service does not know the position. */
  readonly onInvalid: InvalidPolicy;
  /** The lease under which a subscription is active. `undefined` where it is always active. */
  readonly lease: NamedLease | undefined;
  /** Whether the position outlives the process. */
  readonly isDurable: boolean;
  /** Whether several events may share a replay id. */
  readonly sharesIds: boolean;
  /** The memory that the subscriptions of this position share. */
  readonly memory: PositionMemory;
  /** Makes the parts of one subscription. */
  readonly parts: (of: PartsOf) => SubscriptionParts;
}

/** The client keeps the position, in a store or, without one, for the lifetime of the Observable. */
export function keptByClient(
  context: StreamContext,
  topic: string,
  options: Pick<ResolvedSubscribeOptions, 'replay' | 'lease' | 'maxAttempts'>,
): PositionKeeper {
  const { transport } = context;
  const { replay, lease } = options;
  const { store, name, from, onInvalid } = replay;
  return {
    from,
    onInvalid,
    lease: lease && { lease, name },
    name: store && name,
    isDurable: store !== undefined,
    sharesIds: isEnrichable(topic),
    memory: store ? memoryOf(transport, store, JSON.stringify([topic, name])) : newMemory(),
    parts: ({ watermark, gate, listener, fence }) => {
      const place = new StoredPlace(context, topic, options, watermark, listener, fence, gate);
      return { place, source: topicSource(transport, topic, place.beginning) };
    },
  };
}

/**
 * The service keeps the position of a managed subscription.
 *
 * @param idOrName - The id or name that the user gave.
 */
export function keptByService(
  context: ManagedStreamContext,
  idOrName: string,
  managed: ResolvedManaged,
): PositionKeeper {
  const { transport } = context;
  const { name, topic } = managed;
  return {
    name: textOf(name),
    from: 'committed',
    onInvalid: 'fail',
    lease: undefined,
    isDurable: true,
    sharesIds: topic === undefined || isEnrichable(topic),
    memory: memoryOf(transport, transport, idOrName),
    parts: ({ watermark, gate, listener, jumped }) => {
      const line = new ManagedLine(transport, name);
      const known = new UncommittedEvents(jumped);
      return {
        place: new ManagedPlace(context, managed, line, watermark, known, listener, gate),
        source: managedSource(line, known),
      };
    },
  };
}

/** Only channels can be enriched, and on enriched ones several events may share a replay id. */
function isEnrichable(topic: string): boolean {
  return topic.endsWith('__chn');
}

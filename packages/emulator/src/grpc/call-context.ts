import type { Bus } from '../bus/bus.js';
import type { ManagedSubscriptions } from '../managed/managed-subscriptions.js';
import type { Random } from '../model/random.js';
import type { SchemaRegistry } from '../schemas/schema-registry.js';
import type { Sessions } from '../sessions/sessions.js';
import type { PlannedFaults } from './planned-faults.js';

/** How calls behave in time. */
export interface CallOptions {
  /** How long a stream with demand may be quiet before a keepalive is sent, in milliseconds. */
  readonly keepaliveMs: number;
  /** How long a stream may continue without demand, in milliseconds. */
  readonly idleCloseMs: number;
  /** How much later every response is sent, in milliseconds. */
  readonly responseDelayMs: number;
  /** Most events in one response. */
  readonly maxEventsPerResponse: number;
  /** How long events are held back to come in one response, in milliseconds, unless demand is met before. */
  readonly mergeMs: number;
  /** How long a publish stream may continue without a request, in milliseconds. */
  readonly publishIdleMs: number;
  /** How long a managed subscription may continue without a commit, in milliseconds. */
  readonly managedIdleMs: number;
  /** How long a managed subscription is kept for a client that is gone, in milliseconds. */
  readonly managedSlotMs: number;
}

/** The parts of the emulator that serve calls. */
export interface CallContext {
  readonly bus: Bus;
  readonly schemas: SchemaRegistry;
  readonly sessions: Sessions;
  readonly random: Random;
  readonly managed: ManagedSubscriptions;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** The planned faults. */
  readonly planned: PlannedFaults;
  /** The options. They may change during calls, and are read again each time. */
  readonly options: CallOptions;
}

import type { Faults } from '../faults/faults.js';
import type { SubscriptionSnapshot } from '../flow/subscription.js';
import type { PublishStreamSnapshot } from '../grpc/live-calls.js';
import type { Loads } from '../load/loads.js';
import type { Org } from '../org/org.js';

/** What the emulator's page shows and changes. */
export interface UiContext {
  readonly org: Org;
  /** The schemas by their ids. */
  readonly schemas: { get(id: string): { readonly json: string } | undefined };
  readonly faults: Faults;
  readonly subscriptions: () => readonly SubscriptionSnapshot[];
  readonly publishStreams: () => readonly PublishStreamSnapshot[];
  readonly loads: Loads;
  /** The emulator's time, in milliseconds since 1970. */
  readonly now: () => number;
}

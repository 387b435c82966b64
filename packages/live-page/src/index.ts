/**
 * A page that shows what rxforce does right now: subscriptions, lag, events, dead letters, positions.
 *
 * @packageDocumentation
 */
export { liveParts, livePage } from './live-page.js';
export type { LiveNote, LivePage, LiveParts } from './live-page.js';
export type { LiveClients, LivePageOptions, LivePartsOptions } from './live-page-options.js';
export type { LiveQueue } from './parts/dead-letters.js';
export type { DrainWork } from './parts/drain.js';
export type { LiveLag, LivePartitionLag } from './parts/log-lags.js';
export type { LivePositions } from './parts/positions.js';
export type { PageAnswer, PageRequest, PageRoute, Feed } from './server/route.js';
export type {
  HappenedEntry,
  HappenedLevel,
  LiveAssignment,
  LiveClientReading,
  LiveDrain,
  LiveHistory,
  LiveJob,
  LiveQueueReading,
  LiveReading,
  LiveSnapshot,
  LiveSubscription,
  LiveWindow,
} from './state/live-reading.js';
export type { HeldUpBy, LiveClient, SnapshotSource, SubscriptionOf } from './state/live-state.js';

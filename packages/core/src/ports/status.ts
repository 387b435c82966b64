import type { ReplayId } from '../model/replay-id.js';

/** What happens to a client's subscriptions, as it happens. */
export type Status =
  /** A stream is being opened. */
  | { readonly type: 'connecting'; readonly topic: string }
  /** The first response of a stream came. */
  | { readonly type: 'live'; readonly topic: string }
  /** More events were asked for. */
  | ({ readonly type: 'requested'; readonly topic: string; readonly numRequested: number } & DemandFigures)
  /** A response came: some events, or none in a keepalive. */
  | ({ readonly type: 'received'; readonly topic: string; readonly events: number } & DemandFigures)
  /** The window is full of events that are not settled, so nothing more comes: a larger `window` may be faster. */
  | ({ readonly type: 'pressure'; readonly topic: string } & DemandFigures)
  /** An operator got an event that was settled before: `alone`, or beside others that were not. */
  | {
      readonly type: 'settledEarly';
      readonly topic: string;
      readonly replayId: ReplayId;
      readonly beside: 'alone' | 'among-others';
    }
  /** An event could not be decoded, and is handed to `onUndecodable`. */
  | { readonly type: 'undecodable'; readonly topic: string; readonly replayId: ReplayId; readonly schemaId: string }
  /** A subscription ended: it was unsubscribed or closed, or it errored. */
  | { readonly type: 'closed'; readonly topic: string };

/** Where the window's events are. */
export interface DemandFigures {
  /** Asked of the server, not delivered yet. */
  readonly outstanding: number;
  /** Received, not settled yet. */
  readonly unsettled: number;
  /** Most of both together. */
  readonly window: number;
}

import type { PublishError, RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type { StreamPosition } from './replay-store.js';

/** Where the window's events are. */
export interface DemandFigures {
  /** Asked of the server, not delivered yet. */
  readonly outstanding: number;
  /** Received, not settled yet. */
  readonly unsettled: number;
  /** Settled, and not durable in the replay store, or at the managed subscription, yet; 0 without either. */
  readonly uncommitted: number;
  /** Most of all together. */
  readonly window: number;
}

/** What can happen to a subscription, or to a publisher. The names are stable. */
export type StatusDetail =
  /**
   * A stream is being opened at this position, after this many failures in a row. `'committed'`: where the service has the
   * position of a managed subscription.
   */
  | {
      readonly type: 'connecting';
      readonly from: 'latest' | 'earliest' | 'committed' | ReplayId;
      readonly failures: number;
    }
  /**
   * The stream has a connection to the service, after each `connecting`: also on a quiet topic, where `live` waits for the first
   * event or keepalive. What refuses the stream, such as a topic that does not exist, is heard after it.
   */
  | { readonly type: 'connected' }
  /** The first response of a stream came; or a schema that was waited for, on one that is live. */
  | { readonly type: 'live' }
  /** The window is full, and the server has closed the idle stream; it is opened again once there is room. No fault. */
  | { readonly type: 'parked' }
  /**
   * Something failed that may pass, this often in a row, and is tried again after `delayMs` milliseconds. Without a
   * cause, the server ended the stream in peace.
   */
  | {
      readonly type: 'waiting';
      readonly attempt: number;
      readonly delayMs: number;
      readonly cause: RxforceError | undefined;
    }
  /**
   * The stream does not go on where it was: the service does not know the replay id `from` any more, or none was known
   * (`undefined`), and it starts from the preset `policy` instead. Events may be missing: read the records again.
   * `'committed'`: of a managed subscription, the service has another position than the one that was committed here.
   */
  | {
      readonly type: 'replayReset';
      readonly from: ReplayId | undefined;
      readonly policy: 'earliest' | 'latest' | 'committed';
    }
  /** More events were asked for. */
  | ({ readonly type: 'requested'; readonly numRequested: number } & DemandFigures)
  /** Events came. */
  | ({ readonly type: 'received'; readonly events: number } & DemandFigures)
  /** Nothing happened for a while, and the server told its newest position. */
  | { readonly type: 'keepalive'; readonly replayId: ReplayId }
  /** The window is full of events that are not settled, so nothing more comes: a larger `window` may be faster. */
  | ({ readonly type: 'pressure' } & DemandFigures)
  /** The position is durable: another process goes on from here. */
  | { readonly type: 'committed'; readonly name: string; readonly position: StreamPosition }
  /**
   * The position could not be saved, this often in a row. It, or a later one, is saved after `delayMs` milliseconds. Also
   * where the store has not answered for `delayMs` milliseconds, this often: then it is waited for.
   */
  | {
      readonly type: 'commitFailed';
      readonly name: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly cause: RxforceError;
    }
  /**
   * The watermark has stood before one event for a while, because it is not settled: told before the subscription gives
   * up with a `StuckDeliveryError`.
   */
  | {
      readonly type: 'commitGap';
      /** The unsettled event's. */
      readonly replayId: ReplayId;
      /** How long, in milliseconds. */
      readonly ageMs: number;
      /** Events received after it, which come again after a crash, settled or not. */
      readonly eventsBehind: number;
    }
  /** An operator got an event that was settled before: `alone`, or beside others that were not. */
  | {
      readonly type: 'settledEarly';
      readonly replayId: ReplayId;
      readonly beside: 'alone' | 'among-others';
    }
  /** An event could not be decoded, and is handed to `onUndecodable`. */
  | { readonly type: 'undecodable'; readonly replayId: ReplayId; readonly schemaId: string }
  /** Another replica has the lease: nothing is read here until it is free. Told once for each wait. */
  | { readonly type: 'standby' }
  /** The lease is held: from here on this replica reads. The token is larger than that of every holder before. */
  | { readonly type: 'acquired'; readonly token: number }
  /** The lease is not held any more: the stream is cancelled, and the lease asked for again. */
  | { readonly type: 'lost' }
  /** `drain()` was called: nothing more is asked for, and what is in work is waited for. */
  | { readonly type: 'draining' }
  /** So many events of a `publisher` are on the topic: the service has answered a request. */
  | { readonly type: 'published'; readonly events: number }
  /**
   * Nothing can be published for now, this often in a row. It is tried again after `delayMs` milliseconds: a connection
   * broke, the service did not answer, or asks for less.
   */
  | {
      readonly type: 'publishWaiting';
      readonly attempt: number;
      readonly delayMs: number;
      readonly cause: RxforceError;
      /** Events that are sent again, although the first time may have published them: they may be on the topic twice. */
      readonly resent: number;
    }
  /**
   * An event of a `publisher` is not published, or nobody knows whether it is: its result is an `Err` with `cause`, which
   * says why (`reason`), and has the event's id (`eventId`).
   */
  | { readonly type: 'refused'; readonly cause: PublishError }
  /**
   * The subscription is over, for whatever reason, and its last position was saved where that was possible. With a lease,
   * what was read under it is over; it may be had again.
   */
  | { readonly type: 'closed' };

/** What happens to a subscription or a publisher, as it happens. */
export type Status = StatusDetail & {
  /** The whole name of the topic, or the name of the managed subscription. */
  readonly topic: string;
  /** Which of the client's subscriptions, counted from 1. Each subscription to the results of a `publisher` is one, too. */
  readonly subscription: number;
};

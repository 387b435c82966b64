import type { PublishError, RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type { StreamPosition } from './replay-store.js';

/** The state of the window's events. */
export interface DemandFigures {
  /** Events asked of the server and not delivered yet. */
  readonly outstanding: number;
  /** Events received and not settled yet. */
  readonly unsettled: number;
  /**
   * Events settled whose position is not durable yet, in the replay store or at the managed subscription. 0 without
   * either.
   */
  readonly uncommitted: number;
  /** Most events of all three kinds together. */
  readonly window: number;
}

/** The partitions of an event log that a member of a group asks for. */
export interface PartitionShare {
  /** Its name: `memberName`, with a number where one process subscribes more than once. */
  readonly member: string;
  readonly partitions: readonly number[];
}

/** What can happen to a subscription, or to a publisher. The names are stable. */
export type StatusDetail =
  /**
   * A stream is being opened at this position, after this many failures in a row. `'committed'`: the position that the
   * service keeps for a managed subscription.
   */
  | {
      readonly type: 'connecting';
      readonly from: 'latest' | 'earliest' | 'committed' | ReplayId;
      readonly failures: number;
    }
  /**
   * The stream has a connection to the service. It comes after each `connecting`, also on a quiet topic, where `live`
   * waits for the first event or keepalive. A refusal of the stream, as of a topic that does not exist, comes after it.
   */
  | { readonly type: 'connected' }
  /** The first response of a stream came, or the schema that a live stream waited for. */
  | { readonly type: 'live' }
  /**
   * The window is full, and the server has closed the idle stream. Another one is opened once there is room. It is no
   * fault.
   */
  | { readonly type: 'parked' }
  /**
   * A call failed, this often in a row, and is tried again after `delayMs` milliseconds. The failure may pass. Without
   * a cause, the server ended the stream without an error.
   */
  | {
      readonly type: 'waiting';
      readonly attempt: number;
      readonly delayMs: number;
      readonly cause: RxforceError | undefined;
    }
  /**
   * The stream does not continue where it was. The service does not know the replay id `from` any more, or no replay id
   * was known (`undefined`), and the stream starts from the preset `policy` instead. Events may be missing: read the
   * records again. `'committed'`: for a managed subscription, the service has another position than the one that was
   * committed here.
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
  /** Nothing happened for a while, and the server sent its newest position. */
  | { readonly type: 'keepalive'; readonly replayId: ReplayId }
  /** The window is full of unsettled events, so nothing more comes. A larger `window` may be faster. */
  | ({ readonly type: 'pressure' } & DemandFigures)
  /** The position is durable. Another process continues from here. */
  | {
      readonly type: 'committed';
      readonly position: StreamPosition;
      /** How many events became durable with it. 0 for a position that a quiet topic has moved to. */
      readonly events: number;
      /** How long the store or the service took, in milliseconds. */
      readonly tookMs: number;
    }
  /**
   * The position could not be saved, this often in a row. This position or a later one is saved after `delayMs`
   * milliseconds. It also comes when the store has not answered for `delayMs` milliseconds, this often; then the
   * subscription waits for the answer.
   */
  | {
      readonly type: 'commitFailed';
      readonly attempt: number;
      readonly delayMs: number;
      readonly cause: RxforceError;
      /** How long the attempt took, in milliseconds. `undefined` where there was no answer. */
      readonly tookMs: number | undefined;
    }
  /**
   * The watermark has stood before one event for a while, because the event is not settled. It comes before the
   * subscription gives up with a `StuckDeliveryError`.
   */
  | {
      readonly type: 'commitGap';
      /** The replay id of the unsettled event. */
      readonly replayId: ReplayId;
      /** How long the watermark has stood there, in milliseconds. */
      readonly ageMs: number;
      /** Events received after it, which come again after a crash, settled or not. */
      readonly eventsBehind: number;
    }
  /** An operator received an event that was already settled: `alone`, or beside others that were not. */
  | {
      readonly type: 'settledEarly';
      readonly replayId: ReplayId;
      readonly beside: 'alone' | 'among-others';
    }
  /** An event could not be decoded, and goes to `onUndecodable`. */
  | { readonly type: 'undecodable'; readonly replayId: ReplayId; readonly schemaId: string }
  /** Another replica has the lease. Nothing is read here until the lease is free. It comes once for each wait. */
  | { readonly type: 'standby' }
  /** The lease is held, and this replica reads from here on. The token is larger than that of every earlier holder. */
  | { readonly type: 'acquired'; readonly token: number }
  /** The lease is lost. The stream is cancelled, and the lease is asked for again. */
  | { readonly type: 'lost' }
  /**
   * Partitions of an event log were shared out, among so many members of the group. This member asks for the leases of
   * these partitions, and reads each once it has its lease. Only from a client of an event log.
   */
  | {
      readonly type: 'assigned';
      readonly partitions: readonly number[];
      /** How many partitions the log has. */
      readonly of: number;
      readonly members: number;
      /** The name of this member. */
      readonly member: string;
      /**
       * What each member asks for, this one among them, as all of them work it out from the same names. It is what they
       * ask for: leases decide who reads, and only their holder knows about a lease.
       */
      readonly shares: readonly PartitionShare[];
    }
  /** `drain()` was called. Nothing more is asked for, and the subscription waits for the work under way. */
  | { readonly type: 'draining' }
  /** The service has answered a request to publish. */
  | {
      readonly type: 'published';
      /** How many events of the request are on the topic. */
      readonly events: number;
      /** How many of them the service did not take. Those that are sent again are among them. */
      readonly failed: number;
      /** How long the answer took, in milliseconds. */
      readonly tookMs: number;
    }
  /**
   * Publishing failed, this often in a row, and is tried again after `delayMs` milliseconds. A connection broke, the
   * service did not answer, or it asks for less.
   */
  | {
      readonly type: 'publishWaiting';
      readonly attempt: number;
      readonly delayMs: number;
      readonly cause: RxforceError;
      /**
       * Events that are sent again although the first attempt may have published them. They may be on the topic twice.
       */
      readonly resent: number;
    }
  /**
   * An event of a `publisher` is not published, or nobody knows whether it is. Its result is an `Err` with `cause`,
   * which has the reason (`reason`) and the event's id (`eventId`).
   */
  | { readonly type: 'refused'; readonly cause: PublishError }
  /**
   * A reading of records before their changes, by `records().changes()`. It comes at each page, and only from the
   * `status$` of that Observable.
   */
  | {
      readonly type: 'snapshot';
      /**
       * `waiting`: the position of the stream is not known yet. `reading`: records are read, and events wait. `done`:
       * events pass.
       */
      readonly phase: 'waiting' | 'reading' | 'done';
      /** API name of the object that is read, or was read last. */
      readonly entity: string;
      /** How many of its records were read. */
      readonly rows: number;
      /** About how many there are, where that is known. */
      readonly of: number | undefined;
      /**
       * How many of its records, and all before them, are settled, counted by pages. Absent while the object is not
       * read, and once it is.
       */
      readonly settled?: number | undefined;
      /**
       * The place after those records, from which another process would read on: plain text (JSON), which has no value
       * of a record but an id. Absent before the first page is settled, and where `settled` is absent.
       */
      readonly cursor?: string | undefined;
      /** All objects of the reading, in their order. */
      readonly entities?: readonly string[] | undefined;
      /** Those of them that are read, and whose work is done. */
      readonly read?: readonly string[] | undefined;
    }
  /**
   * The subscription is over, for whatever reason. Its last position was saved where that was possible. With a lease,
   * only the reading under this lease is over; the lease may be acquired again. A lease that fails for good ends the
   * subscription with another `closed`.
   */
  | {
      readonly type: 'closed';
      /** The error with which the subscription ended. Absent where its subscriber left, or where it completed. */
      readonly cause?: RxforceError | undefined;
    };

/** A change in a subscription or a publisher, reported as it happens. */
export type SubscriptionStatus = StatusDetail & {
  /**
   * The whole name of the topic, or the name of the managed subscription. For a partition of an event log, the topic
   * with its number: `/data/AccountChangeEvent#7`.
   */
  readonly topic: string;
  /**
   * The number of the subscription, counted from 1 for each client. Each subscription to the results of `publisher` or
   * `publish` counts, too.
   */
  readonly subscription: number;
  /**
   * The name of its position: `replay.name`, or the name of the managed subscription. `undefined` without a position.
   */
  readonly name: string | undefined;
};

/** A login of the client, after which the calls of all its subscriptions and publishers share a session. */
export interface LoginStatus {
  /** Tells it from the statuses of subscriptions. */
  readonly type: 'login';
  /** Whether there is a session now. */
  readonly ok: boolean;
  /** How long the login took, in milliseconds. */
  readonly tookMs: number;
  /** Why there is none. `undefined` where there is one. */
  readonly cause: RxforceError | undefined;
  /** It is of no topic, and of no subscription. */
  readonly topic?: undefined;
  /** See `topic`. */
  readonly subscription?: undefined;
  /** See `topic`. */
  readonly name?: undefined;
}

/** How a login ended. */
export type LoginOutcome = Pick<LoginStatus, 'ok' | 'tookMs' | 'cause'>;

/** What `client.status$` reports: of its subscriptions and publishers, and its logins. */
export type Status = SubscriptionStatus | LoginStatus;

/** A status, with its org where it comes from `mergeOrgs`. */
export type ObservedStatus =
  (Status & { readonly org?: string }) | { readonly type: 'orgFailed'; readonly org: string };

/** What one type of status says. */
export type StatusDetails<T extends StatusDetail['type']> = Omit<Extract<StatusDetail, { readonly type: T }>, 'type'>;

/** Reports a status of a subscription. Its details are made only where somebody needs them. */
export type Tell = <T extends StatusDetail['type']>(
  type: T,
  ...details: [keyof StatusDetails<T>] extends [never] ? [] : [() => StatusDetails<T>]
) => void;

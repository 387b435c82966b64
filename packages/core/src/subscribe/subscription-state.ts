import type { RxforceError } from '../model/errors.js';
import type { StreamPosition } from '../ports/replay-store.js';
import type { ReplayId } from '../model/replay-id.js';
import type { DemandFigures } from '../ports/status.js';

/**
 * What a subscription does.
 *
 * - `connecting`: it looks for its start, or opens a stream.
 * - `connected`: the stream has a connection, and nothing came yet, as on a quiet topic.
 * - `live`: responses come.
 * - `parked`: the window is full, and the server has closed the idle stream.
 * - `waiting`: a call failed, and is tried again after a pause.
 * - `standby`: another replica has the lease, or another client reads the managed subscription.
 * - `draining`: it ends. Nothing more is asked for, and the work under way is waited for.
 * - `failed`: it ended with an error, and nothing has taken its place.
 */
export type SubscriptionPhase =
  'connecting' | 'connected' | 'live' | 'parked' | 'waiting' | 'standby' | 'draining' | 'failed';

/** Where a stream begins; `committed` is where the service keeps the position of a managed subscription. */
export type StreamBeginning = 'latest' | 'earliest' | 'committed' | ReplayId;

/** A subscription at one moment. All times are in epoch milliseconds. */
export interface SubscriptionState {
  /** The whole name of the topic, or the name of the managed subscription. */
  readonly topic: string;
  /** The number of the subscription, counted from 1 for each client. */
  readonly subscription: number;
  /** The name of its position; `undefined` without one. */
  readonly name: string | undefined;
  /** What it does. */
  readonly state: SubscriptionPhase;
  /** When it came into that state. */
  readonly since: number;
  /**
   * Since when it reads nothing although it should: from its beginning, or from the first of a row of failures, until a
   * stream is connected. After a failure, the connection must last for 3 s, as a service may take each connection and
   * refuse each stream. After a stream that brought nothing for 280 s, not even a keepalive, a response must come.
   * `undefined` while it reads, is parked, is on standby or is being drained.
   */
  readonly troubleSince: number | undefined;
  /** Whether it ever read: a stream brought something, or had a connection as `troubleSince` asks for it. */
  readonly wasConnected: boolean;
  /**
   * Why it waits, also for its turn, or why it failed. `undefined` in other states, and where the server ended the
   * stream without an error.
   */
  readonly cause: RxforceError | undefined;
  /** The events of its window. `undefined` while it has none: on standby, or ended. */
  readonly window: DemandFigures | undefined;
  /**
   * How long ago the oldest event was committed in the org that has come and is not settled, in milliseconds. 0 when
   * all is settled. `undefined` where the event does not tell, or its schema is still fetched.
   */
  readonly lagMs: number | undefined;
  /** When the server last sent anything: events, a keepalive or a commit. `undefined` before that. */
  readonly lastResponseAt: number | undefined;
  /**
   * When its first stream was opened, or the first since it has the lease, and where that began: at the newest or the
   * oldest event, or after a replay id, which is the stored position where there was one. `undefined` before that.
   */
  readonly start: { readonly at: number; readonly from: StreamBeginning } | undefined;
  /** The last position made durable by this subscription. `undefined` before that, or without a store. */
  readonly lastCommit: { readonly at: number; readonly position: StreamPosition } | undefined;
}

/** The part of a state that is read where it is kept, at the moment when somebody asks. */
export type ReadingFigures = Pick<SubscriptionState, 'window' | 'lagMs' | 'lastResponseAt'>;

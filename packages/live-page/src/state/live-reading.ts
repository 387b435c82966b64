import type { SubscriptionPhase } from '@rxforce/core';

/** How much an entry of the log matters. */
export type HappenedLevel = 'info' | 'warn' | 'error';

/** Something that happened, as the log has it. */
export interface HappenedEntry {
  /** Counted from 1. An entry that is told again keeps it. */
  readonly id: number;
  /** When it happened last, in epoch milliseconds. */
  readonly at: number;
  readonly level: HappenedLevel;
  /** The kind: the type of a status such as `waiting`, `action` for what somebody did on the page, or `note`. */
  readonly type: string;
  readonly org: string | null;
  readonly topic: string | null;
  /** The name of the position. */
  readonly name: string | null;
  /** One sentence. It has topics, names and messages of errors, and no values of records. */
  readonly text: string;
  /** How often it happened, one time after the other. */
  readonly times: number;
}

/** How many events there were in each of the last 60 whole seconds, oldest first. */
export interface LiveHistory {
  readonly received: readonly number[];
  readonly settled: readonly number[];
}

/** The events of a window. */
export interface LiveWindow {
  readonly outstanding: number;
  readonly unsettled: number;
  readonly uncommitted: number;
  /** Room for more. */
  readonly free: number;
  readonly size: number;
}

/** A subscription at one moment. */
export interface LiveSubscription {
  /** Tells it from all others of the page. */
  readonly key: string;
  readonly org: string | null;
  readonly topic: string;
  /** The name of its position; `null` without one. */
  readonly name: string | null;
  readonly state: SubscriptionPhase;
  /** When it came into that state, in epoch milliseconds. */
  readonly since: number;
  /**
   * Where it waits or connects, since when it reads nothing, in epoch milliseconds: over all attempts, as each begins
   * another state. `null` in other states.
   */
  readonly troubleSince: number | null;
  /** Why it waits or has failed; where it connects again, why the last attempt has failed. */
  readonly reason: string | null;
  /**
   * What holds its events up beside the stream, such as a sink that takes nothing: one sentence, of `heldUpBy` of the
   * page's options. `null` where nothing is known to, and on standby, as its events are another replica's.
   */
  readonly heldUpBy: string | null;
  /** When the next try is, where it waits, in epoch milliseconds. */
  readonly nextTryAt: number | null;
  /** Events that came each second, over the last 5 s. */
  readonly receivedPerSecond: number;
  /** Events whose work was done each second, over the last 5 s. */
  readonly settledPerSecond: number;
  readonly history: LiveHistory;
  /** `null` while it has none: on standby, or ended. */
  readonly window: LiveWindow | null;
  /**
   * How long ago the oldest event was committed in the org that is not settled, in milliseconds; `null` while nobody
   * knows, as nothing comes: while it waits, for example.
   */
  readonly lagMs: number | null;
  /** About how long it takes until the lag is gone, in milliseconds; `null` where it does not become less. */
  readonly clearsInMs: number | null;
  /** When the position was last made durable, in epoch milliseconds. */
  readonly lastCommitAt: number | null;
  /** That position, or the one where it began: a replay id, or a time. */
  readonly position: string | null;
  /** When the server last sent anything, in epoch milliseconds. */
  readonly lastResponseAt: number | null;
  /** Whether this process has the lease; `null` without a lease. */
  readonly role: 'active' | 'standby' | null;
}

/** A reading of the records of one object before their changes. */
export interface LiveSnapshot {
  readonly key: string;
  readonly org: string | null;
  readonly topic: string;
  readonly name: string | null;
  /** `waiting`: for the position of its stream, or for other objects. */
  readonly phase: 'waiting' | 'reading' | 'done';
  /** The object. */
  readonly entity: string;
  /** How many rows this process knows to be read. */
  readonly rows: number;
  /** About how many there are. */
  readonly of: number | null;
  readonly rowsPerSecond: number;
  /** When the reading of this object began, in epoch milliseconds. */
  readonly since: number;
  /** When the last page came, in epoch milliseconds. */
  readonly at: number;
  /** How many rows are settled, by pages; `null` while it is not read. */
  readonly settled: number | null;
  /**
   * From where another process would read on: JSON that has no value of a record but an id. `null` for the beginning.
   */
  readonly cursor: string | null;
}

/** The partitions of a topic of an event log: who asks for which. Leases decide who reads. */
export interface LiveAssignment {
  readonly key: string;
  readonly org: string | null;
  readonly topic: string;
  /** The name of the position, which is that of the group. */
  readonly name: string | null;
  /** The partitions that this member asks for. */
  readonly partitions: readonly number[];
  /** How many partitions the log has. */
  readonly of: number;
  readonly members: number;
  /** The name of this member. */
  readonly member: string;
  /** What each member asks for, this one among them. */
  readonly shares: readonly { readonly member: string; readonly partitions: readonly number[] }[];
  /** When they were shared out last, in epoch milliseconds. */
  readonly at: number;
  /** How often they were shared out. */
  readonly handovers: number;
}

/** A client at one moment. */
export interface LiveClientReading {
  readonly org: string | null;
  /** Whether it reads an event log, and never logs in. */
  readonly isLog: boolean;
  readonly state: 'open' | 'draining' | 'closed';
  /** The last login; `null` before the first. */
  readonly login: { readonly ok: boolean; readonly at: number; readonly reason: string | null } | null;
  /** How much of the org's limit of REST calls is used up. */
  readonly apiUsage: { readonly used: number; readonly limit: number } | null;
}

/** Work on letters that somebody has begun on the page. */
export interface LiveJob {
  readonly id: number;
  readonly kind: 'redrive' | 'discard';
  readonly queue: string;
  readonly state: 'running' | 'done' | 'failed';
  /** How many letters are meant; `null` while they are counted. Letters that come or go meanwhile are not in it. */
  readonly of: number | null;
  /** Letters that are done. */
  readonly done: number;
  /** Letters that have failed again, and stay. */
  readonly failed: number;
  /** Why it ended before all were done. */
  readonly reason: string | null;
  /** In epoch milliseconds. */
  readonly startedAt: number;
  /** In epoch milliseconds; `null` while it is running. */
  readonly endedAt: number | null;
}

/** A drain that somebody has begun on the page. */
export interface LiveDrain {
  readonly state: 'running' | 'done' | 'failed';
  /** In epoch milliseconds. */
  readonly startedAt: number;
  /** In epoch milliseconds; `null` while it is running. */
  readonly endedAt: number | null;
  /** Events that were settled meanwhile; `null` while it is running. */
  readonly settled: number | null;
  /** Events that were not done, or not committed, and come again; `null` while it is running. */
  readonly left: number | null;
  /** Why it has failed. */
  readonly reason: string | null;
}

/** A dead-letter queue. */
export interface LiveQueueReading {
  readonly name: string;
  /** How many letters it has; `null` while it has not answered. */
  readonly depth: number | null;
  /** Whether its letters can be redriven here. */
  readonly canRedrive: boolean;
}

/** All that the page shows, at one moment. The fields are these and no others. */
export interface LiveReading {
  /** When that was, in epoch milliseconds. */
  readonly at: number;
  /** When the page began to look, in epoch milliseconds. */
  readonly startedAt: number;
  readonly clients: readonly LiveClientReading[];
  readonly subscriptions: readonly LiveSubscription[];
  readonly snapshots: readonly LiveSnapshot[];
  /** The partitions of event logs, where there are any. */
  readonly assignments: readonly LiveAssignment[];
  readonly queues: readonly LiveQueueReading[];
  readonly jobs: readonly LiveJob[];
  /** `null` where nobody has begun one on the page. Clients that were drained otherwise say so in their states. */
  readonly drain: LiveDrain | null;
  /** What happened since the reading before, oldest first. */
  readonly happened: readonly HappenedEntry[];
  /** To be given to the next reading, so that it has only what is new. */
  readonly revision: number;
}

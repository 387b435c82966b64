import { Subscription, type Observable, type SchedulerLike } from 'rxjs';
import type { ClientState, LagOptions, PartitionLag, Status, SubscriptionStatus } from '@rxforce/core';
import type { LiveAssignment, LiveClientReading, LiveReading, LiveSubscription } from './live-reading.js';
import { SnapshotReadings, type SnapshotStatus } from './snapshot-readings.js';
import { happenedOf } from './status-text.js';
import { SubscriptionFigures } from './subscription-figures.js';
import { WhatHappened, type Happened } from './what-happened.js';

/** What the page looks at: a client of an org, or of an event log. */
export interface LiveClient {
  readonly status$: Observable<Status>;
  state(): ClientState;
  /** Only a client of an event log has it. */
  lag?(options?: LagOptions): Promise<readonly PartitionLag[]>;
}

/** A stream that reports the reading of its records: what `records().changes()` returns. */
export interface SnapshotSource {
  readonly status$: Observable<Status>;
}

/** The part of a reading that comes from clients. */
export type ClientsReading = Omit<LiveReading, 'queues' | 'jobs' | 'drain'>;

/** Whose events are asked about. */
export interface SubscriptionOf {
  /** The name of its org; `null` where the page has one only. */
  readonly org: string | null;
  /** The whole name. That of a partition of a log ends with its number: `/data/LeadChangeEvent#7`. */
  readonly topic: string;
  /** The name of its position; `null` without one. */
  readonly name: string | null;
}

/** Says what holds events up beside their stream: one sentence, or `undefined` where nothing does. */
export type HeldUpBy = (of: SubscriptionOf) => string | undefined;

/** What the first status of a subscription may be. */
const BEGINNINGS: readonly Status['type'][] = ['connecting', 'standby', 'acquired'];

type AssignedStatus = Extract<SubscriptionStatus, { readonly type: 'assigned' }>;

/**
 * What clients do, put together from what they report and from their states. It has no timers: who wants to know asks
 * `read`. It hears statuses from the beginning, as a log that begins when somebody looks has nothing of the trouble
 * before.
 */
export class LiveState {
  private readonly happened = new WhatHappened();
  private readonly figures = new Map<string, SubscriptionFigures>();
  private readonly snapshots = new SnapshotReadings();
  private readonly assignments = new Map<string, LiveAssignment>();
  private readonly hearing = new Subscription();
  private readonly startedAt: number;

  /**
   * @param clients - The clients, each with the name of its org; `undefined` where there is one only.
   * @param clock - Where the time comes from.
   * @param heldUpBy - Asked for each subscription at each reading.
   */
  constructor(
    private readonly clients: readonly (readonly [org: string | undefined, client: LiveClient])[],
    private readonly clock: Pick<SchedulerLike, 'now'>,
    private readonly heldUpBy: HeldUpBy = () => undefined,
  ) {
    this.startedAt = clock.now();
    for (const [org, { status$ }] of clients) {
      this.hearing.add(status$.subscribe((status) => this.hear(status, org)));
    }
  }

  /** Shows the reading of records, too. */
  observe({ status$ }: SnapshotSource, org?: string): void {
    this.hearing.add(
      status$.subscribe((status) => {
        if (status.type === 'snapshot') this.snapshot(status, org);
      }),
    );
  }

  /** Puts a line into the log. */
  note(happened: Happened): void {
    this.happened.add(this.clock.now(), happened);
  }

  /**
   * What is now.
   *
   * @param revision - That of the reading before, so that only newer entries of the log come. 0 for all.
   */
  read(revision = 0): ClientsReading {
    const at = this.clock.now();
    const states = this.clients.map(([org, client]) => [org, client.state(), client.lag !== undefined] as const);
    this.forget(states);
    return {
      ...{ at, startedAt: this.startedAt },
      clients: states.map(([org, state, isLog]) => clientOf(org, state, isLog)),
      subscriptions: states.flatMap(([org, { subscriptions }]) =>
        subscriptions.map((state): LiveSubscription => {
          const key = keyOf(org, state.subscription);
          const of = { org: org ?? null, topic: state.topic, name: state.name ?? null };
          // Its events are read elsewhere, whatever its last ones waited for.
          const heldUpBy = state.state === 'standby' ? null : this.heldUp(of);
          return { key, ...of, heldUpBy, ...this.figuresOf(key).read(state, at) };
        }),
      ),
      snapshots: this.snapshots.read(at),
      assignments: [...this.assignments.values()],
      happened: this.happened.since(revision),
      revision: this.happened.revision,
    };
  }

  /** What fails to say it is the user's own, and takes the page from nobody. */
  private heldUp(of: SubscriptionOf): string | null {
    try {
      return this.heldUpBy(of) ?? null;
    } catch {
      return null;
    }
  }

  /** Hears nothing more. */
  close(): void {
    this.hearing.unsubscribe();
  }

  private hear(status: Status, org: string | undefined): void {
    if (status.type !== 'login') this.figure(status, org);
    if (status.type === 'assigned') this.assigned(status, org);
    if (status.type === 'closed') this.assignments.delete(keyOf(org, status.subscription));
    if (status.type !== 'snapshot') this.tell(status, org);
  }

  /** Publishers and whatever is over have no figures: they would add up while nobody looks. */
  private figure(status: SubscriptionStatus, org: string | undefined): void {
    const key = keyOf(org, status.subscription);
    if (BEGINNINGS.includes(status.type)) this.figuresOf(key);
    const figures = this.figures.get(key);
    figures?.next(status, this.clock.now());
    if (status.type === 'closed' && figures?.hasLease !== true) this.figures.delete(key);
  }

  private tell(status: Status, org: string | undefined): void {
    const words = happenedOf(status);
    if (words === undefined) return;
    const { type, topic = null, name = null } = status;
    this.note({ type, topic, name, org: org ?? null, ...words });
  }

  private snapshot(status: SnapshotStatus, org: string | undefined): void {
    if (this.snapshots.next(status, org, this.clock.now())) this.tell(status, org);
  }

  private assigned(status: AssignedStatus, org: string | undefined): void {
    const { topic, subscription, name = null, partitions, of, members, member, shares } = status;
    const key = keyOf(org, subscription);
    const handovers = (this.assignments.get(key)?.handovers ?? 0) + 1;
    this.assignments.set(key, {
      ...{ key, org: org ?? null, topic, name, partitions, of, members, member, shares },
      ...{ at: this.clock.now(), handovers },
    });
  }

  private figuresOf(key: string): SubscriptionFigures {
    const known = this.figures.get(key) ?? new SubscriptionFigures();
    this.figures.set(key, known);
    return known;
  }

  /** Subscriptions that are over would add up. A subscription to a log is not among the states; its partitions are. */
  private forget(states: readonly (readonly [string | undefined, ClientState, isLog: boolean])[]): void {
    const keys = new Set(
      states.flatMap(([org, { subscriptions }]) => subscriptions.map(({ subscription }) => keyOf(org, subscription))),
    );
    for (const key of this.figures.keys()) if (!keys.has(key)) this.figures.delete(key);
  }
}

function keyOf(org: string | undefined, subscription: number): string {
  return `${org ?? ''}#${subscription}`;
}

function clientOf(org: string | undefined, { state, login, apiUsage }: ClientState, isLog: boolean): LiveClientReading {
  return {
    ...{ org: org ?? null, isLog, state },
    login: login ? { ok: login.ok, at: login.at, reason: login.cause?.message ?? null } : null,
    apiUsage: apiUsage ? { used: apiUsage.used, limit: apiUsage.limit } : null,
  };
}

import { Subject } from 'rxjs';
import type { LoginOutcome, Status, Tell } from '../ports/status.js';
import { SubscriptionRecord, type StatusListener, type SubscriptionNames } from './subscription-record.js';
import type { ClientState } from './client-state.js';
import { FailedSubscriptions } from './failed-subscriptions.js';
import { drainReport, type DrainedSubscription, type DrainReport } from './drain-report.js';

/** A subscription, as seen by its client. */
interface Member {
  drain(timeoutMs: number, done: (report: DrainedSubscription) => void): void;
  hurry(): void;
}

/** The subscriptions of a client, until the work on their events is over. */
export class ClientSubscriptions {
  /** The status of all subscriptions. Completes when the client is closed and the last subscription is over. */
  readonly status$ = new Subject<Status>();
  /** Emits when all subscriptions must complete. */
  readonly completed = new Subject<void>();
  private readonly live = new Set<Member>();
  private readonly records = new Set<SubscriptionRecord>();
  /** Those that ended with an error, until others take their places. */
  private readonly failed = new FailedSubscriptions();
  /** The ended subscriptions, by name, while the work on their events and their streams continue. */
  private readonly endings = new Map<string, Promise<unknown>>();
  private lastLogin: ClientState['login'];
  private drained: Promise<DrainReport> | undefined;
  private numbers = 0;
  private isClosed = false;
  /** Whether all subscriptions must have completed. */
  private isOver = false;

  /**
   * @param over - The client is closed and the last subscription is over. It is no subscription to `status$`, as a
   * status is made only if somebody listens.
   */
  constructor(private readonly over: () => void = ignore) {}

  /** Whether no more subscriptions may be made. */
  get closed(): boolean {
    return this.isClosed;
  }

  /** Numbers the subscriptions, from 1. */
  nextNumber(): number {
    return ++this.numbers;
  }

  /** Numbers a publication, and returns what reports its statuses. A status is made only if somebody listens. */
  publication(topic: string): Tell {
    const subscription = this.nextNumber();
    return (type, ...[details]) => {
      if (!this.status$.observed) return;
      this.status$.next({ type, ...details?.(), topic, subscription, name: undefined } as Status);
    };
  }

  /**
   * Registers a subscription, and makes the record that its statuses are told from.
   *
   * @param now - The clock, in epoch milliseconds.
   * @param status$ - Hears its statuses, beside that of the client.
   */
  record(of: SubscriptionNames, now: () => number, status$: StatusListener): SubscriptionRecord {
    this.failed.replace(of, status$);
    const record: SubscriptionRecord = new SubscriptionRecord(of, now, [status$, this.status$], {
      failed: () => this.failed.add(of, status$, record),
      over: () => this.records.delete(record),
    });
    this.records.add(record);
    return record;
  }

  /** A login is over. */
  login(outcome: LoginOutcome, at: number): void {
    this.lastLogin = { ...outcome, at };
    if (this.status$.observed) this.status$.next({ type: 'login', ...outcome });
  }

  /** The state at this moment. */
  state(at: number): Omit<ClientState, 'apiUsage'> {
    return {
      at,
      state: this.isOver ? 'closed' : this.isClosed ? 'draining' : 'open',
      login: this.lastLogin,
      subscriptions: [...new Set([...this.records, ...this.failed.records()])].map((record) => record.snapshot()),
    };
  }

  add(subscription: Member): void {
    this.live.add(subscription);
  }

  remove(subscription: Member): void {
    this.live.delete(subscription);
    this.completeStatus();
  }

  /**
   * Registers a subscription that has ended and whose stream is still open.
   *
   * @returns The function to call when the stream is gone.
   */
  ending(name: string): () => void {
    let gone = ignore;
    const over = new Promise<void>((resolve) => (gone = resolve));
    const all = Promise.all([this.endings.get(name), over]).then(() => {
      if (this.endings.get(name) === all) this.endings.delete(name);
    });
    this.endings.set(name, all);
    return gone;
  }

  /**
   * Resolves when the streams of all ended subscriptions of this name are gone. `undefined` where they are gone
   * already.
   */
  ended(name: string): Promise<unknown> | undefined {
    return this.endings.get(name);
  }

  /** Completes all subscriptions, and stops waiting for those that are being drained. */
  close(): void {
    this.isClosed = true;
    this.isOver = true;
    this.completed.next();
    this.completed.complete();
    [...this.live].forEach((subscription) => subscription.hurry());
    this.completeStatus();
  }

  /** Drains all subscriptions, once. No more can be made. */
  drain(timeoutMs: number): Promise<DrainReport> {
    return (this.drained ??= this.drainAll(timeoutMs));
  }

  private async drainAll(timeoutMs: number): Promise<DrainReport> {
    this.isClosed = true;
    const reports = [...this.live].map(
      (subscription) => new Promise<DrainedSubscription>((resolve) => subscription.drain(timeoutMs, resolve)),
    );
    return drainReport(await Promise.all(reports));
  }

  private completeStatus(): void {
    if (!this.isClosed || this.live.size > 0) return;
    this.status$.complete();
    this.over();
  }
}

function ignore(): void {
  // A placeholder until the promise is made.
}

import { Subject } from 'rxjs';
import type { Status } from '../ports/status.js';
import { drainReport, type DrainedSubscription, type DrainReport } from './drain-report.js';

/** A subscription, as its client sees it. */
interface Member {
  drain(timeoutMs: number, done: (report: DrainedSubscription) => void): void;
  hurry(): void;
}

/** The subscriptions of a client, until the work on their events is over. */
export class ClientSubscriptions {
  /** What happens to all of them. Completes when the client is closed, and the last one is over. */
  readonly status$ = new Subject<Status>();
  /** Emits when all are to complete. */
  readonly completed = new Subject<void>();
  private readonly live = new Set<Member>();
  /** Those that have ended, by name, while work on their events goes on, and their stream with it. */
  private readonly endings = new Map<string, Promise<unknown>>();
  private drained: Promise<DrainReport> | undefined;
  private numbers = 0;
  private isClosed = false;

  /** Whether no more may be made. */
  get closed(): boolean {
    return this.isClosed;
  }

  /** Numbers the subscriptions, from 1. */
  nextNumber(): number {
    return ++this.numbers;
  }

  add(subscription: Member): void {
    this.live.add(subscription);
  }

  remove(subscription: Member): void {
    this.live.delete(subscription);
    this.completeStatus();
  }

  /**
   * A subscription has ended whose stream is still there.
   *
   * @returns What to call when it is gone.
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

  /** When the streams of all subscriptions of this name that have ended are gone; `undefined` where they are. */
  ended(name: string): Promise<unknown> | undefined {
    return this.endings.get(name);
  }

  /** Completes all; those that are being drained are waited for no longer. */
  close(): void {
    this.isClosed = true;
    this.completed.next();
    this.completed.complete();
    [...this.live].forEach((subscription) => subscription.hurry());
    this.completeStatus();
  }

  /** Lets all end in peace, once; no more are made. */
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
    if (this.isClosed && this.live.size === 0) this.status$.complete();
  }
}

function ignore(): void {
  // Until the promise is made.
}

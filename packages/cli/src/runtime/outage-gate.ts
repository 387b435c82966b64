import { Observable, type SchedulerLike, type Subscription } from 'rxjs';
import { resolveRetryPolicy } from '@rxforce/dead-letters/internal';
import { isOutage, isRetriable } from '../sinks/sink.js';

/** How long a gate waits. */
export interface OutageGateOptions {
  /** Longest wait between two attempts at a sink that is out, in milliseconds; from 1,000. */
  readonly maxMs?: number;
  /** Numbers from 0 to 1. */
  readonly random?: () => number;
  readonly scheduler?: SchedulerLike;
}

/** A sink that takes nothing of a topic. */
export interface Outage {
  /** When that was known first, in epoch milliseconds. */
  readonly since: number;
  /** The error of the last attempt. */
  readonly error: unknown;
}

/** More than this is known of an outage inside of its gate. */
interface OpenOutage extends Outage {
  /** How many attempts have failed one after the other. */
  readonly failed: number;
  /** The newest attempt that failed. */
  readonly last: number;
  /** What has failed, while that is one thing alone. */
  readonly only: unknown;
}

/** Longest wait between two attempts at a sink that is out, in milliseconds. */
export const LONGEST_OUTAGE_WAIT_MS = 30_000;

/**
 * Lets the attempts of a topic at its sink pass. Once one of them fails by an outage, one after the other tries whether
 * the sink is back, after waits that grow; the others wait, however many they are. The next to try is the one that has
 * waited longest: an event that fails by itself must not keep the others from showing that. While it is the only one
 * that has failed, another one tries at once. When an attempt that began after the failure succeeds, all go on.
 */
export class OutageGate {
  /** The attempts that wait, the oldest first, with what they are about. */
  private readonly waiting = new Map<() => void, unknown>();
  private out: OpenOutage | undefined;
  private trial: number | undefined;
  private pause: Subscription | undefined;
  private count = 0;
  private readonly policy;

  constructor({ maxMs = LONGEST_OUTAGE_WAIT_MS, ...options }: OutageGateOptions = {}) {
    const delays = { type: 'exponential', initialMs: 1_000, maxMs } as const;
    this.policy = { maxMs, ...resolveRetryPolicy('an outage', { delays, ...options }) };
  }

  /** The outage of now; `undefined` while attempts pass. */
  get outage(): Outage | undefined {
    return this.out;
  }

  /**
   * The same attempt, made when it may be.
   *
   * @param of - What it is about, such as an event.
   */
  pass<R>(of: unknown, attempt: () => Observable<R>): Observable<R> {
    return new Observable((subscriber) => {
      const begin = () => {
        this.waiting.delete(begin);
        subscriber.add(this.watched(of, attempt).subscribe(subscriber));
      };
      if (!this.out) {
        begin();
        return;
      }
      this.waiting.set(begin, of);
      subscriber.add(() => this.waiting.delete(begin));
      this.tryOne();
    });
  }

  /** Ends the wait, unless the other side has asked for it: nobody will wait for much longer. */
  tryNow(): void {
    if (!this.out || this.trial !== undefined || waitAskedFor(this.out.error) > 0) return;
    this.stopPause();
    this.tryOne();
  }

  private watched<R>(of: unknown, attempt: () => Observable<R>): Observable<R> {
    return new Observable((subscriber) => {
      const mark = ++this.count;
      // Nobody may wait for it any more: then another one tries.
      subscriber.add(() => this.leave(mark));
      subscriber.add(
        attempt().subscribe({
          next: (result) => subscriber.next(result),
          error: (error: unknown) => {
            this.failed(mark, of, error);
            subscriber.error(error);
          },
          complete: () => {
            this.worked(mark);
            subscriber.complete();
          },
        }),
      );
    });
  }

  private worked(mark: number): void {
    // What was sent before the failure may have come before the outage.
    if (!this.out || mark < this.out.last) return;
    this.out = undefined;
    this.trial = undefined;
    this.stopPause();
    for (const begin of [...this.waiting.keys()]) {
      // It may have failed again at once.
      if (this.outage) return;
      begin();
    }
  }

  private failed(mark: number, of: unknown, error: unknown): void {
    // An answer that is about the event alone was given by a sink that is there.
    if (!isRetriable(error)) {
      this.worked(mark);
      return;
    }
    if (!this.out && !isOutage(error)) return;
    const { since = this.policy.scheduler.now(), failed = 0, last = 0, only = of } = this.out ?? {};
    const isNext = !this.out || this.trial === mark;
    this.out = {
      ...{ since, error, failed: isNext ? failed + 1 : failed, last: Math.max(last, mark) },
      only: only === of ? of : SEVERAL,
    };
    if (!isNext) return;
    this.trial = undefined;
    this.wait(Math.max(this.policy.delayMs(this.out.failed, error), waitAskedFor(error)));
    this.tryOne();
  }

  private leave(mark: number): void {
    if (this.trial !== mark) return;
    this.trial = undefined;
    this.stopPause();
    this.tryOne();
  }

  private tryOne(): void {
    if (!this.out || this.trial !== undefined) return;
    const { only, error } = this.out;
    const isOneAlone = only !== SEVERAL && waitAskedFor(error) === 0;
    const other = isOneAlone ? [...this.waiting].find(([, of]) => of !== only)?.[0] : undefined;
    const [first] = this.waiting.keys();
    const begin = other ?? (this.pause ? undefined : first);
    if (!begin) return;
    this.trial = this.count + 1;
    // A module may never answer.
    this.wait(this.policy.maxMs);
    begin();
  }

  private wait(ms: number): void {
    this.stopPause();
    this.pause = this.policy.scheduler.schedule(() => {
      this.pause = undefined;
      this.trial = undefined;
      this.tryOne();
    }, ms);
  }

  private stopPause(): void {
    this.pause?.unsubscribe();
    this.pause = undefined;
  }
}

const SEVERAL = Symbol('several');

/** How long the other side asks to wait, in milliseconds. */
export function waitAskedFor(error: unknown): number {
  const { retryAfterMs } = Object(error) as { readonly retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : 0;
}

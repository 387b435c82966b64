import { defer, Subscription, type SchedulerLike } from 'rxjs';
import { quietly } from '../model/answer.js';
import { LeaseError, type RxforceError } from '../model/errors.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { HeldLease, Lease } from '../ports/lease.js';
import { acquiredAnswer, leaseFailed, renewedAnswer } from '../ports/lease-answers.js';
import type { PositionKey } from '../ports/replay-store.js';
import { backoffMs } from '../stream-life/backoff.js';
import { monotonicNow } from '../model/monotonic.js';
import { SILENCE_MS, tellSilence } from '../stream-life/tell-silence.js';

/** What a keeper reports. */
export interface LeaseListener {
  /** Somebody else has the lease. Called once for each wait. */
  standby(): void;
  /**
   * The lease is held from here on.
   *
   * @param isHeld - Whether it still is, by the clock. After the thread stood still, that is known before `lost` is
   * called. Once it is not, it never is again.
   */
  acquired(token: number, isHeld: () => boolean): void;
  /** The lease is not held any more: nothing may be done that only its holder may do. */
  lost(): void;
  /** The request for the lease failed, this often in a row, and is made again after a pause. */
  waiting(attempt: number, delayMs: number, cause: RxforceError): void;
  /** The lease can never be acquired. */
  failed(error: RxforceError): void;
}

/** How often somebody else's lease is asked for, and one's own is renewed, as a share of its time. */
const POLL_SHARE = 1 / 4;
const RENEW_SHARE = 1 / 3;
/**
 * The share of its time after which a lease that could not be renewed counts as lost. That is before somebody else can
 * acquire it.
 */
const HELD_SHARE = 0.8;

/** The end of the time for which a lease is held, if it was given. */
interface Deadline {
  readonly timer: Subscription;
  /** By the timer or by the clock. After the thread stood still, an answer may be read before a due timer fires. */
  readonly isOver: boolean;
}

/**
 * Acquires a lease, keeps it, and acquires it again when it is lost. Time is measured from before each call, by timers
 * and a monotonic clock. So neither a slow answer nor a change of the wall clock makes it hold the lease for too long.
 */
export class LeaseKeeper {
  private readonly work = new Subscription();
  private held: HeldLease | undefined;
  private deadline: Deadline | undefined;
  private isStandby = false;
  private failures = 0;
  private retired = false;
  private stopped = false;

  constructor(
    private readonly context: { readonly scheduler: SchedulerLike; readonly random: () => number },
    private readonly lease: Lease,
    private readonly key: PositionKey,
    private readonly listener: LeaseListener,
  ) {}

  /** Starts to ask for the lease. */
  start(): void {
    const deadline = this.newDeadline();
    this.call(
      async () => acquiredAnswer(await this.lease.acquire(this.key)),
      (result) => {
        if (result.ok && result.val) {
          this.hold(result.val, deadline);
          return;
        }
        deadline.timer.unsubscribe();
        if (this.stopped) return;
        if (result.err) this.failed(result.val, () => this.start());
        else this.standBy();
      },
    );
  }

  /** Does not ask for the lease any more. A lease that is held is kept until it is lost, or until `stop`. */
  retire(): void {
    this.retired = true;
    if (!this.held) void this.stop();
  }

  /** Reports that an action of the holder was refused, because somebody else has the lease. */
  lose(): void {
    const { held } = this;
    if (!held) return;
    this.held = undefined;
    this.deadline?.timer.unsubscribe();
    // A renewal under way must not keep the lease from others.
    void quietly(() => held.release());
    this.listener.lost();
    if (this.retired) void this.stop();
    else if (!this.stopped) this.start();
  }

  /** Gives the lease up, and does not ask for it again. Resolves when the lease is free. */
  stop(): Promise<void> {
    this.stopped = true;
    this.work.unsubscribe();
    const { held } = this;
    this.held = undefined;
    return held ? quietly(() => held.release()) : Promise.resolve();
  }

  private hold(held: HeldLease, deadline: Deadline): void {
    if (this.stopped || deadline.isOver) {
      deadline.timer.unsubscribe();
      void quietly(() => held.release());
      if (!this.stopped) this.standBy();
      return;
    }
    this.held = held;
    this.deadline = deadline;
    this.isStandby = false;
    this.failures = 0;
    this.renewLater(held);
    this.listener.acquired(held.token, () => held === this.held && this.deadline?.isOver === false);
  }

  private standBy(): void {
    this.failures = 0;
    this.later(this.lease.ttlMs * POLL_SHARE, () => this.start());
    if (this.isStandby) return;
    this.isStandby = true;
    this.listener.standby();
  }

  private renewLater(held: HeldLease): void {
    this.later(this.lease.ttlMs * RENEW_SHARE, () => this.renew(held));
  }

  private renew(held: HeldLease): void {
    if (held !== this.held) return;
    const deadline = this.newDeadline();
    this.call(
      async () => renewedAnswer(await held.renew()),
      (result) => {
        // Once the time was over, others were told that the lease is not held: it is not held again by a late answer.
        const isInTime = this.deadline?.isOver === false && !deadline.isOver;
        if (held === this.held && result.ok && result.val && isInTime) {
          this.deadline?.timer.unsubscribe();
          this.deadline = deadline;
          this.failures = 0;
          this.renewLater(held);
          return;
        }
        deadline.timer.unsubscribe();
        if (held !== this.held) return;
        if (result.err) this.failed(result.val, () => this.renew(held));
        else this.lose();
      },
    );
  }

  private failed(error: LeaseError, again: () => void): void {
    if (!error.retriable) {
      if (this.held) this.listener.lost();
      void this.stop();
      this.listener.failed(error);
      return;
    }
    const delayMs = Math.min(backoffMs(++this.failures, error, this.context.random()), this.lease.ttlMs * POLL_SHARE);
    this.listener.waiting(this.failures, delayMs, error);
    if (!this.stopped) this.later(delayMs, again);
  }

  private newDeadline(): Deadline {
    const { scheduler } = this.context;
    const heldMs = this.lease.ttlMs * HELD_SHARE;
    const endsAt = monotonicNow(scheduler) + heldMs;
    let rang = false;
    const deadline: Deadline = {
      get isOver() {
        return rang || monotonicNow(scheduler) >= endsAt;
      },
      timer: this.later(heldMs, () => {
        rang = true;
        if (deadline === this.deadline) this.lose();
      }),
    };
    return deadline;
  }

  private later(delayMs: number, work: () => void): Subscription {
    const timer = this.context.scheduler.schedule(() => {
      this.work.remove(timer);
      work();
    }, delayMs);
    this.work.add(timer);
    return timer;
  }

  /** An answer that comes after the end still counts: a lease that is acquired then must be given up. */
  private call<T>(make: () => Promise<T>, answered: (result: Result<T, LeaseError>) => void): void {
    const { scheduler } = this.context;
    const asked = () =>
      make().then(
        (value) => Ok(value),
        (thrown: unknown) => Err(leaseFailed(thrown)),
      );
    defer(asked)
      .pipe(tellSilence(scheduler, (times) => !this.stopped && this.silent(times)))
      .subscribe(answered);
  }

  private silent(times: number): void {
    const seconds = (times * SILENCE_MS) / 1000;
    const error = new LeaseError(`The lease has not answered for ${seconds} s, and is waited for.`);
    this.listener.waiting(times, SILENCE_MS, error);
  }
}

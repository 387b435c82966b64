import {
  defer,
  from,
  switchMap,
  takeUntil,
  throwError,
  timer,
  type Observable,
  type ObservableInput,
  type OperatorFunction,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';
import type { Hold } from '../delivery/delivery.js';
import { hold } from '../delivery/hold.js';
import { joinHolds } from '../delivery/joint-hold.js';
import { operate, subscribeInner } from '../delivery/operate.js';
import { WorkTimeoutError } from '../model/errors.js';
import type { StreamEvent } from '../model/events.js';
import { noteFailure } from './failed-work.js';
import { KeyedQueue, type Taken } from './keyed-queue.js';

/** The rules of the work: its function, its order and its concurrency. */
export interface KeyedWorkRules<T, R> {
  /**
   * Starts the work, or throws. Calls `started` with work that cannot be stopped, such as a promise. Work of several
   * attempts asks the claim before each.
   */
  readonly project: (
    value: T,
    index: number,
    started: (work: PromiseLike<unknown>) => void,
    claim: WorkClaim,
  ) => ObservableInput<R>;
  readonly concurrency: number;
  /** The operator, for messages, such as `handle()`. */
  readonly caller: string;
  /** A value starts only when all earlier ones that share a key with it have finished. */
  readonly keysOf: (value: T) => readonly string[];
  /** Errors once work on the value has taken too long, where there is a limit. */
  readonly limit: ((value: T) => Observable<never>) | undefined;
  /**
   * Merges a waiting value and the next one with the same keys into one. Returns `undefined` where both must wait.
   * Without it, all values wait.
   */
  readonly merge?: (older: T, newer: T) => T | undefined;
}

/** What work knows of the claim on its event. */
export interface WorkClaim {
  /** Whether another replica may work on the event by now, so that no further attempt must begin. */
  isLost(): boolean;
  /** The event is not settled when the work completes: it comes again where it belongs. */
  giveUp(): void;
}

/** Does asynchronous work on each value, and holds its event until the work is done. */
export function keyedWork<T, R>(rules: KeyedWorkRules<T, R>): OperatorFunction<T, R> {
  return (source) =>
    operate(source, 'works', (subscriber: Subscriber<R>) => {
      const work = new KeyedWork(rules, subscriber);
      return { next: (value) => work.add(value), complete: () => work.sourceCompleted() };
    });
}

/** A value that waits or is worked on. */
class Item<T> implements WorkClaim {
  /** The claims on the events of values that were merged into it, and have not been joined to its own yet. */
  merged: Hold[] | undefined;
  /** Work on it that cannot be stopped. */
  running: PromiseLike<unknown> | undefined;
  private isGivenUp = false;

  /** @param slot - Its index in the list of unfinished items. */
  constructor(
    public value: T,
    readonly index: number,
    private hold: Hold,
    public slot: number,
  ) {}

  get isHeld(): boolean {
    return this.hold.state() !== 'none';
  }

  /** Its event is settled together with that of a newer value. */
  standFor(newer: Item<T>): void {
    (this.merged ??= []).push(newer.hold);
  }

  isLost(): boolean {
    return this.claim().isLost();
  }

  giveUp(): void {
    this.isGivenUp = true;
  }

  /**
   * One claim on all events of the item's work. It is made late, as joint holds of joint holds would be nested deeply.
   */
  claim(): Hold {
    if (this.merged !== undefined) this.hold = joinHolds([this.hold, ...this.merged]);
    this.merged = undefined;
    return this.hold;
  }

  /** The work has completed. */
  finish(): void {
    if (this.isGivenUp) this.abandon();
    else this.claim().release();
  }

  abandon(): void {
    this.claim().abandon(this.running);
  }
}

class KeyedWork<T, R> {
  private readonly queue = new KeyedQueue<Item<T>>();
  /**
   * The items that wait or are worked on, in no order. It is an array, because a Set this busy keeps its old tables
   * alive for long.
   */
  private readonly unfinished: Item<T>[] = [];
  private count = 0;
  private active = 0;
  private starting = false;
  private sourceDone = false;

  constructor(
    private readonly rules: KeyedWorkRules<T, R>,
    private readonly subscriber: Subscriber<R>,
  ) {
    subscriber.add(() => this.unfinished.forEach((item) => item.abandon()));
  }

  add(value: T): void {
    const taken = hold(value, 'works');
    if (this.subscriber.closed) {
      taken.abandon();
      return;
    }
    const item = new Item(value, this.count++, taken, this.unfinished.length);
    // This comes before the calls of the user's functions: when one throws or unsubscribes, its event is abandoned with
    // the others.
    this.unfinished.push(item);
    const keys = this.keysOf(value);
    if (this.mergedIntoWaiting(item, keys)) return;
    this.queue.add(item, keys);
    this.startWhatMay();
  }

  private keysOf(value: T): readonly string[] {
    try {
      return this.rules.keysOf(value);
    } catch (error) {
      noteFailure(this.rules.caller, error, value);
      throw error;
    }
  }

  sourceCompleted(): void {
    this.sourceDone = true;
    this.completeIfDone();
  }

  /** Merges the new value into the waiting one, if possible. */
  private mergedIntoWaiting(item: Item<T>, keys: readonly string[]): boolean {
    const { merge } = this.rules;
    const waiting = merge && this.queue.lastWaiting(keys);
    const value = waiting && merge(waiting.value, item.value);
    if (waiting === undefined || value === undefined) return false;
    waiting.value = value;
    this.forget(item);
    // On a source without deliveries there are no holds of merged values to keep, so nothing grows.
    if (item.isHeld) waiting.standFor(item);
    return true;
  }

  /** A loop, because work that completes at once would make a recursion as deep as the queue is long. */
  private startWhatMay(): void {
    if (this.starting) return;
    this.starting = true;
    while (this.active < this.rules.concurrency && !this.subscriber.closed) {
      const next = this.queue.take();
      if (next === undefined) break;
      if (next.item.isLost()) this.skip(next);
      else this.start(next);
    }
    this.starting = false;
    this.completeIfDone();
  }

  private start(next: Taken<Item<T>>): void {
    const { item } = next;
    const { value } = item;
    const { limit } = this.rules;
    const taken = item.claim();
    const work = limit === undefined ? this.workOn(item) : defer(() => this.workOn(item)).pipe(takeUntil(limit(value)));
    this.active++;
    subscribeInner(work, this.subscriber, {
      next: (result) => taken.emit(this.subscriber, result),
      error: (error) => noteFailure(this.rules.caller, error, value),
      complete: () => {
        this.active--;
        this.forget(item);
        next.finish();
        item.finish();
        this.startWhatMay();
      },
    });
  }

  /** Another replica works on it. */
  private skip(next: Taken<Item<T>>): void {
    const { item } = next;
    this.forget(item);
    next.finish();
    item.abandon();
  }

  /** An error that the function throws is an error of its work. */
  private workOn(item: Item<T>): Observable<R> {
    try {
      const started = (running: PromiseLike<unknown>) => void (item.running = running);
      return from(this.rules.project(item.value, item.index, started, item));
    } catch (error) {
      return throwError(() => error);
    }
  }

  private forget({ slot }: Item<T>): void {
    const last = this.unfinished.pop();
    if (last === undefined || last.slot === slot) return;
    last.slot = slot;
    this.unfinished[slot] = last;
  }

  private completeIfDone(): void {
    if (this.sourceDone && this.unfinished.length === 0) this.subscriber.complete();
  }
}

/**
 * Makes the Observable that errors once work has taken too long.
 *
 * @param caller - The operator of the limit, for the message, such as `handle()`.
 * @param timeoutMs - How long it may take; `Infinity` for no limit.
 */
export function timeLimit<T>(
  caller: string,
  timeoutMs: number,
  scheduler: SchedulerLike,
): KeyedWorkRules<T, unknown>['limit'] {
  if (timeoutMs === Infinity) return undefined;
  return (value) =>
    timer(timeoutMs, scheduler).pipe(switchMap(() => throwError(() => tookTooLong(caller, timeoutMs, value))));
}

function tookTooLong(caller: string, timeoutMs: number, value: unknown): WorkTimeoutError {
  const { topic, replayId } = Object(value) as Partial<StreamEvent>;
  const isEvent = topic !== undefined && replayId !== undefined;
  const where = isEvent ? ` on the event of ${topic} at replay id ${replayId.toString()}` : '';
  return new WorkTimeoutError(
    `The work${where} had not completed after ${timeoutMs} ms, the timeoutMs of ${caller}, and was unsubscribed. What it was ` +
      'for is not settled and comes again. Raise timeoutMs if it may take longer; if not, look for a call in it that is ' +
      'never answered. Work with retryWithDLQ() to try again, and to put aside what fails for good.',
    isEvent ? { topic, replayId: replayId.toString() } : {},
  );
}

import {
  defer,
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
import { KeyedQueue } from './keyed-queue.js';

/** What is to be done, in which order, and how much of it at a time. */
export interface KeyedWorkRules<T, R> {
  /** `started` is to be told of work that cannot be stopped, as a promise cannot. */
  readonly project: (value: T, index: number, started: (work: PromiseLike<unknown>) => void) => ObservableInput<R>;
  readonly concurrency: number;
  /** Which operator it is, for the texts: such as `handle()`. */
  readonly caller: string;
  /** A value starts only when all earlier ones that share a key with it have finished. */
  readonly keysOf: (value: T) => readonly string[];
  /** Errors once work on the value has taken too long, where there is a limit. */
  readonly limit: ((value: T) => Observable<never>) | undefined;
  /**
   * Makes one value of one that waits and the next one with the same keys; `undefined` where both must wait. Without it
   * all wait.
   */
  readonly merge?: (older: T, newer: T) => T | undefined;
}

/** Does asynchronous work on each value, and holds its event until then. */
export function keyedWork<T, R>(rules: KeyedWorkRules<T, R>): OperatorFunction<T, R> {
  return (source) =>
    operate(source, 'works', (subscriber: Subscriber<R>) => {
      const work = new KeyedWork(rules, subscriber);
      return { next: (value) => work.add(value), complete: () => work.sourceCompleted() };
    });
}

interface Item<T> {
  value: T;
  readonly index: number;
  hold: Hold;
  /** The claims on the events of values that were merged into it, and have not been joined to its own yet. */
  merged: Hold[] | undefined;
  /** Where it stands in the list of the unfinished. */
  slot: number;
  /** Work on it that cannot be stopped. */
  running: PromiseLike<unknown> | undefined;
}

class KeyedWork<T, R> {
  private readonly queue = new KeyedQueue<Item<T>>();
  /**
   * Waiting and being worked on, in no order: an array, because a Set this busy keeps its old tables alive for long.
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
    subscriber.add(() => this.unfinished.forEach(abandon));
  }

  add(value: T): void {
    const taken = hold(value, 'works');
    if (this.subscriber.closed) {
      taken.abandon();
      return;
    }
    const item = {
      value,
      index: this.count++,
      hold: taken,
      merged: undefined,
      slot: this.unfinished.length,
      running: undefined,
    };
    // Before the user's functions are called: when one throws or unsubscribes, its event is abandoned with the others.
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

  /** Has the value that waits do for the new one too, if that can be. */
  private mergedIntoWaiting(item: Item<T>, keys: readonly string[]): boolean {
    const { merge } = this.rules;
    const waiting = merge && this.queue.lastWaiting(keys);
    const value = waiting && merge(waiting.value, item.value);
    if (waiting === undefined || value === undefined) return false;
    waiting.value = value;
    this.forget(item);
    // On a source without deliveries there is nothing to keep of what was merged, so nothing grows.
    if (item.hold.state() !== 'none') (waiting.merged ??= []).push(item.hold);
    return true;
  }

  /** A loop, because work that completes at once would make a recursion as deep as the queue is long. */
  private startWhatMay(): void {
    if (this.starting) return;
    this.starting = true;
    while (this.active < this.rules.concurrency && !this.subscriber.closed) {
      const next = this.queue.take();
      if (next === undefined) break;
      this.start(next.item, next.finish);
    }
    this.starting = false;
    this.completeIfDone();
  }

  private start(item: Item<T>, finish: () => void): void {
    const { value, index } = item;
    const { project, limit } = this.rules;
    const taken = joined(item);
    const work = defer(() =>
      project(value, index, (running) => {
        item.running = running;
      }),
    );
    this.active++;
    subscribeInner(limit === undefined ? work : work.pipe(takeUntil(limit(value))), this.subscriber, {
      next: (result) => taken.emit(this.subscriber, result),
      error: (error) => noteFailure(this.rules.caller, error, value),
      complete: () => {
        this.active--;
        this.forget(item);
        finish();
        taken.release();
        this.startWhatMay();
      },
    });
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
 * One claim on all events that the item's work is for. Not made sooner: a joint hold of a joint hold, and so on, would
 * be deep.
 */
function joined<T>(item: Item<T>): Hold {
  if (item.merged !== undefined) item.hold = joinHolds([item.hold, ...item.merged]);
  item.merged = undefined;
  return item.hold;
}

function abandon<T>(item: Item<T>): void {
  joined(item).abandon(item.running);
}

/**
 * What errors once work has taken too long.
 *
 * @param caller - Whose limit it is, for the message: such as `handle()`.
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

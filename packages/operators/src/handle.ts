import { defer, Observable, type ObservableInput, type OperatorFunction, type Subscriber } from 'rxjs';
import { hold, type Hold } from '@rxforce/core/delivery';
import { ConfigurationError } from '@rxforce/core/model';
import { KeyedQueue } from './keyed-queue.js';
import { operate } from './operate.js';

/** How `handle` works on values. */
export interface HandleOptions<T> {
  /**
   * Most values worked on at a time; at least 1, `Infinity` for as many as come.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number;
  /**
   * The keys whose order is kept: a value starts only when all earlier ones that share a key with it have finished. No
   * keys: it waits for none.
   *
   * @defaultValue the record ids of a change event, none for other values
   */
  readonly keyBy?: (value: T) => string | readonly string[];
}

/**
 * Does asynchronous work on each value, and counts an event as done only when its work is. This is the place for every
 * call to another system: what a crash interrupts comes again.
 *
 * ```marble
 * source  -a--b------|
 *         handle(save)          save takes 3, then emits the value
 * result  ----a--b---|
 * ```
 *
 * - Complete: when the source has completed and all work is done.
 * - Error: what `project` throws or errors with is passed on, as is the source's error; other work is unsubscribed.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until its work has completed. Results are emitted in the event's scope.
 * - Order: of the start of work by key; results come as they are made.
 * - Memory: the values waiting; on a rxforce stream at most its window.
 *
 * @param project - Starts the work on a value: a promise, an Observable, an iterable. Each value emitted is a result.
 * @throws `ConfigurationError` when `concurrency` is not at least 1.
 */
export function handle<T, R>(
  project: (value: T, index: number) => ObservableInput<R>,
  options: HandleOptions<T> = {},
): OperatorFunction<T, R> {
  const { concurrency, keysOf } = resolveHandleOptions(options);
  return (source) =>
    new Observable<R>((subscriber) => {
      const work = new Work(project, concurrency, subscriber);
      operate(source, subscriber, {
        next: (value) => work.add(value, keysOf(value)),
        complete: () => work.sourceCompleted(),
      });
    });
}

interface Item<T> {
  readonly value: T;
  readonly index: number;
  readonly hold: Hold;
  /** Where it stands in the list of the unfinished. */
  slot: number;
}

class Work<T, R> {
  private readonly queue = new KeyedQueue<Item<T>>();
  /** Waiting and being worked on, in no order: an array, because a Set this busy keeps its old tables alive for long. */
  private readonly unfinished: Item<T>[] = [];
  private count = 0;
  private active = 0;
  private starting = false;
  private sourceDone = false;

  constructor(
    private readonly project: (value: T, index: number) => ObservableInput<R>,
    private readonly concurrency: number,
    private readonly subscriber: Subscriber<R>,
  ) {
    subscriber.add(() => this.unfinished.forEach((item) => item.hold.abandon()));
  }

  add(value: T, keys: readonly string[]): void {
    const taken = hold(value);
    if (this.subscriber.closed) {
      taken.abandon();
      return;
    }
    const item = { value, index: this.count++, hold: taken, slot: this.unfinished.length };
    this.unfinished.push(item);
    this.queue.add(item, keys);
    this.startWhatMay();
  }

  sourceCompleted(): void {
    this.sourceDone = true;
    this.completeIfDone();
  }

  /** A loop, because work that completes at once would make a recursion as deep as the queue is long. */
  private startWhatMay(): void {
    if (this.starting) return;
    this.starting = true;
    while (this.active < this.concurrency && !this.subscriber.closed) {
      const next = this.queue.take();
      if (next === undefined) break;
      this.start(next.item, next.finish);
    }
    this.starting = false;
    this.completeIfDone();
  }

  private start(item: Item<T>, finish: () => void): void {
    const { value, index, hold: taken } = item;
    this.active++;
    operate(
      defer(() => this.project(value, index)),
      this.subscriber,
      {
        next: (result) => taken.emit(this.subscriber, result),
        complete: () => {
          this.active--;
          this.forget(item);
          finish();
          taken.release();
          this.startWhatMay();
        },
      },
    );
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

function resolveHandleOptions<T>({ concurrency = 1, keyBy }: HandleOptions<T>) {
  if (concurrency !== Infinity && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new ConfigurationError(
      `handle() got concurrency ${String(concurrency)}, but it must be a whole number of at least 1, or Infinity.`,
    );
  }
  const keysOf = (value: T): readonly string[] => {
    if (concurrency === 1) return NO_KEYS;
    const keys = keyBy === undefined ? recordIdsOf(value) : keyBy(value);
    return typeof keys === 'string' ? [keys] : keys;
  };
  return { concurrency, keysOf };
}

const NO_KEYS: readonly string[] = [];

/** A merged event is about several records, and must wait for each. */
function recordIdsOf(value: unknown): readonly string[] {
  const { header } = Object(value) as { header?: { recordIds?: readonly string[] } };
  return header?.recordIds ?? NO_KEYS;
}

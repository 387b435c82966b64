import { asyncScheduler, type OperatorFunction, type SchedulerLike, type Subscriber } from 'rxjs';
import { operate, type Hold } from '@rxforce/core/delivery';
import { type ChangeEvent, checkOptionNames } from '@rxforce/core/model';
import { checkCount, checkWait } from '@rxforce/core/internal';
import { Collector, Group } from './batches/collector.js';

/** How `byTransaction` collects. */
export interface ByTransactionOptions {
  /**
   * Longest wait after the first event of a part, in milliseconds; from 0 to 2_147_483_647. After this time, the events
   * received so far are emitted, for example those of a slow transaction, or of the last one before a pause.
   *
   * @defaultValue 1_000
   */
  readonly maxWaitMs?: number;
  /**
   * Most events in a part; at least 1. A transaction with more events comes in several parts.
   *
   * @defaultValue 1_000
   */
  readonly maxEvents?: number;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/** The change events of one transaction, or a part of them. */
export interface ChangeTransaction<E extends Pick<ChangeEvent, 'header'> = ChangeEvent> {
  /** The transaction key, which all its events share. */
  readonly transactionKey: string;
  /** The transaction's number. It exceeds 2^53 on some orgs. */
  readonly commitNumber: bigint;
  /** When the transaction was committed, in milliseconds since 1970, in whole seconds. */
  readonly commitTimestamp: number;
  /** At least one, in the order of the stream. */
  readonly events: readonly E[];
  /** The number of this part within the transaction, from 1. */
  readonly part: number;
  /** Whether no more events of the transaction can come. A complete `part` 1 is the whole transaction. */
  readonly complete: boolean;
}

/**
 * Collects the change events of each transaction, and emits them together when the next transaction begins.
 *
 * ```marble
 * source  -a-b-c-d----------|      a = { key: 1 }, b = { key: 1 }, c = { key: 2 }, d = { key: 2 }
 *         byTransaction({ maxWaitMs: 5 })
 * result  -----x----y-------|      x = { events: [a, b], complete: true }, y = { events: [c, d], complete: false }
 * settled -----(ab)-(cd)-----
 * ```
 *
 * The service does not say when a transaction ends: it is over when an event of another one comes. To bound the wait,
 * the events collected so far are emitted as a part that is not `complete` in these cases: `maxWaitMs` after its first
 * event, at `maxEvents`, at the completion, and when all events of the stream's window are kept here, so that no more
 * can come. Later events of the same transaction form its next `part`.
 *
 * The last part of a transaction may already be emitted as not complete when another transaction begins. Then nothing
 * more is emitted for it: the next `part` 1 shows that it is over. A stream that begins in the middle of a transaction
 * emits the rest of it as part 1.
 *
 * - Complete: emits what was collected, as not complete, then completes.
 * - Error: drops what was collected, without settling it, and passes the error on.
 * - Unsubscribe: drops what was collected, without settling it.
 * - Delivery: holds every collected event; a part is emitted in the scope of all its events, and holds them all. When a
 *   part closes the subscriber, none of its events is settled.
 * - Order: events keep the order of the source.
 * - Memory: fewer than `maxEvents` events. On a rxforce stream at most its window.
 *
 * @throws `ConfigurationError` when `maxWaitMs` or `maxEvents` is out of its range.
 */
export function byTransaction<E extends Pick<ChangeEvent, 'header'>>(
  options: ByTransactionOptions = {},
): OperatorFunction<E, ChangeTransaction<E>> {
  const rules = resolveByTransactionOptions(options);
  return (source) =>
    operate(source, 'keeps', (subscriber: Subscriber<ChangeTransaction<E>>) => {
      const transactions = new Transactions(rules, subscriber);
      return { next: (event) => transactions.add(event), complete: () => transactions.sourceCompleted() };
    });
}

class Transactions<E extends Pick<ChangeEvent, 'header'>> {
  /** The latest transaction, and how many of its parts have been emitted. */
  private current: string | undefined;
  private parts = 0;
  /** The events that are kept of it. */
  private open: Group<E> | undefined;
  private readonly collector: Collector<E, ChangeTransaction<E>>;

  constructor(
    private readonly rules: ReturnType<typeof resolveByTransactionOptions>,
    subscriber: Subscriber<ChangeTransaction<E>>,
  ) {
    this.collector = new Collector(subscriber, () => this.letGo(false));
  }

  add(event: E): void {
    this.collector.take(event, () => {
      const { transactionKey } = event.header;
      return (held) => this.place(event, held, transactionKey);
    });
  }

  sourceCompleted(): void {
    this.collector.sourceCompleted();
  }

  private place(event: E, held: Hold, transactionKey: string): void {
    if (transactionKey !== this.current) this.begin(transactionKey);
    const { open: before } = this;
    const filled = (this.open ??= new Group());
    filled.add(event, held);
    const { maxEvents, maxWaitMs, scheduler } = this.rules;
    if (filled.values.length === maxEvents) this.letGo(false);
    else if (before === undefined) this.collector.startClock(filled, maxWaitMs, scheduler, () => this.letGo(false));
  }

  private begin(transactionKey: string): void {
    this.letGo(true);
    this.current = transactionKey;
    this.parts = 0;
  }

  private letGo(complete: boolean): void {
    const { open } = this;
    const [first] = open?.values ?? [];
    if (open === undefined || first === undefined) return;
    this.open = undefined;
    const { transactionKey, commitNumber, commitTimestamp } = first.header;
    const part = ++this.parts;
    this.collector.letGo(open, {
      transactionKey,
      commitNumber,
      commitTimestamp,
      events: open.values,
      part,
      complete,
    });
  }
}

const NAMES: readonly string[] = Object.keys({
  maxWaitMs: true,
  maxEvents: true,
  scheduler: true,
} satisfies Record<keyof ByTransactionOptions, true>);

function resolveByTransactionOptions(options: ByTransactionOptions) {
  checkOptionNames(options, NAMES, { of: 'byTransaction()' });
  const { maxWaitMs = 1_000, maxEvents = 1_000, scheduler = asyncScheduler } = options;
  return {
    maxWaitMs: checkWait('byTransaction() got maxWaitMs', maxWaitMs),
    maxEvents: checkCount('byTransaction() got maxEvents', maxEvents, 1),
    scheduler,
  };
}

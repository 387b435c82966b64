import { defer, Subscription, timer, type Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import { hold } from '@rxforce/core/delivery';
import {
  FailureRow,
  logFailed,
  openedAnswer,
  resolveLogger,
  retryTransient,
  type EventLog,
  type SubscriptionStatus,
} from '@rxforce/core/internal';
import { ConfigurationError, fieldsOf, type Logger, type RxforceError, type StreamEvent } from '@rxforce/core/model';
import { DropWarnings } from './drop-warnings.js';
import { entriesOf, relayedBytes, type PartitionBy } from './relay-entries.js';
import { RelayLine } from './relay-line.js';

/** The rules of a relay. */
export interface RelayRules<E> {
  readonly log: EventLog;
  readonly fencedBy: { readonly status$: Observable<SubscriptionStatus> } | undefined;
  readonly partitionBy: PartitionBy<E> | undefined;
  readonly batchSize: number;
  readonly maxBytes: number;
  readonly logger: Logger | undefined;
  readonly scheduler: SchedulerLike;
}

/**
 * How long a subscription may take to hear that it has lost its lease, after the log has refused its token, in
 * milliseconds. It is renewed every few seconds.
 */
const LOSS_MS = 60_000;

/** One subscription of `relayTo`: a line for each topic, and the token that its calls are made with. */
export class Relay<E extends StreamEvent> {
  private readonly lines = new Map<string, RelayLine<E>>();
  private readonly schemas = new Set<string>();
  /** What fails: the log, or a topic. */
  private readonly failing = new Map<string, FailureRow>();
  private readonly logger: Logger;
  private partitions = 0;
  private token: number | undefined;
  private loss = Subscription.EMPTY;
  private isSourceDone = false;

  constructor(
    private readonly rules: RelayRules<E>,
    private readonly subscriber: Subscriber<E>,
  ) {
    this.logger = resolveLogger(rules.logger);
    subscriber.add(() => {
      this.loss.unsubscribe();
      this.lines.forEach((line) => line.stop());
    });
    const drops = new DropWarnings(this.logger, rules.scheduler);
    subscriber.add(
      rules.log.dropped$?.subscribe({
        // Others may append to other topics by the same log.
        next: (each) => this.lines.has(each.topic) && drops.add(each),
        error: () => undefined,
      }),
    );
    subscriber.add(rules.fencedBy?.status$.subscribe((status) => this.told(status)));
  }

  /** Learns what the log has, and then calls back. */
  open(opened: () => void): void {
    const { log, scheduler } = this.rules;
    const info$ = defer(async () => openedAnswer(await log.open().catch(rethrow)));
    this.subscriber.add(
      info$
        .pipe(retryTransient({ scheduler, random: Math.random }, (...pause) => this.warn('The log', ...pause)))
        .subscribe({
          next: ({ partitions }) => {
            this.partitions = partitions;
            opened();
          },
          error: (error: unknown) => this.subscriber.error(error),
        }),
    );
  }

  add(event: E): void {
    const { fencedBy, partitionBy } = this.rules;
    const payload = relayedBytes(event);
    if (fencedBy !== undefined && this.token === undefined) throw noToken();
    const entries = entriesOf(event, payload, this.partitions, partitionBy);
    const { schemaJson = '' } = fieldsOf(event) ?? {};
    const held = hold(event, 'works');
    const { token } = this;
    this.lineOf(event.topic).add({ event, held, entries, schemaJson, token, bytes: entries.length * payload.length });
  }

  sourceCompleted(): void {
    this.isSourceDone = true;
    this.completeIfDone();
  }

  /** Events of an earlier lease belong to a subscription that is over. The next one gets them again. */
  private told(status: SubscriptionStatus): void {
    if (status.type === 'acquired') this.token = status.token;
    else if (status.type !== 'lost') return;
    this.loss.unsubscribe();
    const token = status.type === 'lost' ? undefined : this.token;
    this.lines.forEach((line) => line.dropOthers(token));
  }

  private lineOf(topic: string): RelayLine<E> {
    const { log, scheduler, batchSize, maxBytes } = this.rules;
    const { subscriber, schemas } = this;
    const line =
      this.lines.get(topic) ??
      new RelayLine<E>({
        ...{ log, topic, scheduler, batchSize, maxBytes, subscriber, schemas },
        waiting: (...failure) => this.warn(...failure),
        fenced: (error) => this.fenced(error),
        idle: () => this.completeIfDone(),
      });
    this.lines.set(topic, line);
    return line;
  }

  private fenced(error: RxforceError): void {
    this.logger.warn(`${error.message} The events are given back once the subscription knows that its lease is lost.`);
    this.loss.unsubscribe();
    this.loss = timer(LOSS_MS, this.rules.scheduler).subscribe(() => this.subscriber.error(error));
  }

  private warn(what: string, attempt: number, delayMs: number, cause: RxforceError): void {
    const row = this.failing.get(what) ?? new FailureRow(this.rules.scheduler);
    this.failing.set(what, row);
    if (!row.isDue(attempt)) return;
    const seconds = (delayMs / 1_000).toFixed(1);
    this.logger.warn(`${what}: attempt ${attempt} failed, the next is in ${seconds} s. ${cause.message}`);
  }

  private completeIfDone(): void {
    if (this.isSourceDone && [...this.lines.values()].every(({ isEmpty }) => isEmpty)) this.subscriber.complete();
  }
}

function rethrow(thrown: unknown): never {
  throw logFailed(thrown);
}

function noToken(): ConfigurationError {
  return new ConfigurationError(
    'relayTo() got fencedBy, and an event came before that stream had a lease. Give fencedBy the stream that is relayed, and ' +
      'give that one a lease; without a lease, leave fencedBy out.',
  );
}

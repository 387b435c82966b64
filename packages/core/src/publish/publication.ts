import { forkJoin, map, of, Subscription, type Observable, type Subscriber } from 'rxjs';
import type { EventSchema } from '../codec/event-schema.js';
import type { Hold } from '../delivery/delivery.js';
import { RxforceError } from '../model/errors.js';
import { Err } from '../model/result.js';
import type { WirePublishResponse } from '../ports/wire.js';
import { retryTransient } from '../stream-life/retry-transient.js';
import { tellSilence } from '../stream-life/tell-silence.js';
import { Batcher } from './batcher.js';
import { emitResult } from './emit-result.js';
import { EventEncoder, type EncodedEvent } from './event-encoder.js';
import { Fifo } from './fifo.js';
import { OrderedResults, type Slot } from './ordered-results.js';
import { PublishLine, type LineWork, type Parcel } from './publish-line.js';
import { idOf, type PublishInput } from './publish-input.js';
import { PublishReports } from './publish-reports.js';
import { outcomeUnknown, overflow, resultOf, resultsInOrder, type PublishResult } from './publish-result.js';
import type { PublicationParts } from './publication-parts.js';
import { envelopeBytes } from './wire-size.js';

/** An event on its way to a result. */
interface Entry {
  readonly index: number;
  readonly id: string;
  readonly input: PublishInput<never>;
  readonly slot: Slot<PublishResult>;
  /** How often it was refused because its schema was outdated, and was written with the new one. */
  rewrites: number;
}

/** Most rewrites of an event. A topic whose schema changes more often meanwhile has two schemas that alternate. */
const MAX_REWRITES = 5;

interface Batch extends Parcel {
  readonly entries: readonly Entry[];
  readonly schemaId: string;
}

/** Publishes the events of one source. Each event gets one result, in order. */
export class Publication implements LineWork<Batch> {
  private readonly results: OrderedResults<PublishResult>;
  private readonly reports: PublishReports;
  private readonly line: PublishLine<Batch>;
  private readonly batcher: Batcher<{ readonly entry: Entry; readonly encoded: EncodedEvent }>;
  private readonly waiting = new Fifo<Entry>();
  /** Events to send before the waiting ones. They must be written again, as their schema is outdated. */
  private readonly again: Entry[] = [];
  /** `undefined` while the schema is fetched. */
  private encoder: EventEncoder | undefined;
  private loading: Subscription | undefined;
  /** Whether a schema was ever fetched. */
  private hadSchema = false;
  private createdById: string | undefined;
  private count = 0;
  private linger: Subscription | undefined;
  /** Whether the waiting events are sent without waiting for more. */
  private isDue = false;
  private sourceDone = false;

  constructor(
    private readonly parts: PublicationParts,
    private readonly subscriber: Subscriber<PublishResult>,
  ) {
    const { topic, options, scheduler, random, open } = parts;
    const limits = { maxEvents: options.maxBatchEvents, maxBytes: options.maxBatchBytes };
    this.batcher = new Batcher({ ...limits, envelopeBytes: envelopeBytes(topic) });
    this.results = new OrderedResults((held, result) => this.give(held, result));
    this.reports = new PublishReports(parts, !parts.hasCaller);
    this.line = new PublishLine(
      {
        ...{ topic, open, options, scheduler, random },
        waiting: (...pause) => this.reports.waiting(...pause),
        opening: (times) => this.reports.silent(times, 'the login or the connection'),
      },
      this,
    );
    subscriber.add(() => this.abandon());
  }

  /** How many events have no result yet. */
  get unfinished(): number {
    return this.results.count;
  }

  /** Asks for the schema that events are written with. */
  start(): void {
    const { topic, schemas, user, options } = this.parts;
    const createdById = options.createdById === undefined ? user() : of(options.createdById);
    const schemaForUser = forkJoin([schemas.load(topic), createdById]).pipe(
      map(([schema, id]) => {
        this.createdById = id;
        return schema;
      }),
    );
    this.load(schemaForUser);
  }

  /**
   * Adds an event.
   *
   * @param held - A claim on its source event, until its result is emitted.
   */
  add(input: PublishInput<never>, held: Hold): void {
    if (this.subscriber.closed) {
      held.abandon();
      return;
    }
    const slot = this.results.open(held);
    if (this.results.count > this.parts.options.maxBuffered) {
      this.subscriber.error(overflow(this.parts.topic, this.parts.options.maxBuffered));
      return;
    }
    if (this.parts.options.lingerMs > 0) held.onPressure(this.flush);
    this.waiting.push({ index: this.count++, id: idOf(input), input, slot, rewrites: 0 });
  }

  /** Sends the requests that may be sent by now. */
  pump(): void {
    this.line.pump();
    this.completeIfDone();
  }

  sourceCompleted(): void {
    this.sourceDone = true;
    this.pump();
  }

  isReady(inFlight: number): boolean {
    this.fill();
    // An emitted result may have ended everything.
    if (this.batcher.isEmpty || this.subscriber.closed) return false;
    if (this.batcher.isFull || this.sourceDone) return true;
    if (inFlight > 0) return false;
    const { lingerMs } = this.parts.options;
    if (lingerMs === 0 || this.isDue) return true;
    this.linger ??= this.parts.scheduler.schedule(this.flush, lingerMs);
    return false;
  }

  take(): Batch {
    this.linger?.unsubscribe();
    this.linger = undefined;
    this.isDue = false;
    const items = this.batcher.take();
    const events = items.map(({ encoded }) => encoded.event);
    return {
      ids: events.map(({ id }) => id),
      entries: items.map(({ entry }) => entry),
      schemaId: events[0]?.schemaId ?? '',
      request: { topicName: this.parts.topic, events },
    };
  }

  answered({ ids, entries, schemaId }: Batch, response: WirePublishResponse, tookMs: number): void {
    const { topic } = this.parts;
    const results = resultsInOrder(ids, response.results);
    const published = results.filter((result) => result && !result.error).length;
    this.reports.published(published, entries.length - published, tookMs);
    const hasDrifted = response.schemaId !== '' && response.schemaId !== schemaId;
    entries.forEach((entry, index) => {
      const result = results[index];
      if (result?.error && hasDrifted && entry.rewrites < MAX_REWRITES) this.rewrite(entry);
      else entry.slot.result = resultOf(topic, entry.id, result, response.rpcId);
    });
    if (response.schemaId !== '' && response.schemaId !== this.encoder?.schemaId) this.switchTo(response.schemaId);
    this.settle();
  }

  lost(batches: readonly Batch[], cause: RxforceError): void {
    for (const { id, slot } of batches.flatMap(({ entries }) => entries)) {
      slot.result = Err(outcomeUnknown(this.parts.topic, id, cause));
    }
    this.settle();
  }

  failed(error: RxforceError): void {
    this.parts.schemas.forget(this.parts.topic);
    this.subscriber.error(error);
  }

  /**
   * Sends the waiting events without waiting for more. All holds share this function, so it is called once under
   * pressure.
   */
  readonly flush = (): void => {
    this.isDue = true;
    this.pump();
  };

  private give(held: Hold, result: PublishResult): void {
    if (result.err) this.reports.refused(result.val);
    const hasFailed = emitResult(held, this.subscriber, result, this.parts.options.onRefused);
    // The stream reports a failure itself, as its error.
    if (result.err && !hasFailed && !this.subscriber.closed) this.reports.refusalPassed(result.val);
  }

  /** Puts events into the next request until it is full. Events that cannot be sent get their results at once. */
  private fill(): void {
    const { encoder, batcher, again, waiting } = this;
    if (encoder === undefined) return;
    while (!batcher.isFull) {
      const entry = again.shift() ?? waiting.shift();
      if (entry === undefined) break;
      const encoded = encoder.encode(entry.input, entry.id);
      if (encoded.ok) batcher.offer({ entry, encoded: encoded.val }, encoded.val.bytes);
      else entry.slot.result = encoded;
    }
    this.settle();
  }

  private rewrite(entry: Entry): void {
    entry.rewrites++;
    this.again.push(entry);
  }

  /** Writes events that are not sent yet with the topic's new schema. */
  private switchTo(schemaId: string): void {
    const { topic, schemas } = this.parts;
    this.encoder = undefined;
    this.load(schemas.changed(topic, schemaId));
  }

  private load(schema: Observable<EventSchema>): void {
    const { scheduler, random, options } = this.parts;
    this.again.push(...this.batcher.takeBack().map(({ entry }) => entry));
    this.again.sort((first, second) => first.index - second.index);
    this.loading?.unsubscribe();
    this.loading = new Subscription();
    const encoder = schema.pipe(
      tellSilence(scheduler, (times) => this.reports.silent(times, "the login, or for the topic's schema")),
      retryTransient(
        { scheduler, random },
        (...pause) => this.reports.waiting(...pause, 0),
        options.maxAttempts,
        () => this.hadSchema,
      ),
      map((loaded) => this.encoderOf(loaded)),
    );
    this.loading.add(
      encoder.subscribe({
        next: (made) => {
          this.encoder = made;
          this.hadSchema = true;
          this.pump();
        },
        error: (error: unknown) => this.failed(RxforceError.from(error)),
      }),
    );
  }

  private encoderOf(schema: EventSchema): EventEncoder {
    const { topic, options, scheduler } = this.parts;
    const defaults = { now: () => scheduler.now(), createdById: this.createdById };
    return new EventEncoder(topic, schema, defaults, options.maxBatchBytes);
  }

  private settle(): void {
    this.results.emitReady();
    this.parts.progressed();
    this.completeIfDone();
  }

  private completeIfDone(): void {
    if (!this.sourceDone || !this.results.isDone || this.subscriber.closed) return;
    this.line.end();
    this.subscriber.complete();
  }

  private abandon(): void {
    this.line.cancel();
    this.linger?.unsubscribe();
    this.loading?.unsubscribe();
    this.results.abandon();
    this.reports.over();
  }
}

import {
  catchError,
  NEVER,
  Subscription,
  type Observable,
  type SchedulerLike,
  type Subject,
  type Subscriber,
} from 'rxjs';
import type {
  ChangeEvent,
  EventStream,
  Logger,
  PubSubClient,
  SubscribeOptions,
  SubscriptionStatus,
} from '@rxforce/core';
import { RxforceError } from '@rxforce/core/model';
import { subscribeInner, subscribeSource } from '@rxforce/core/delivery';
import { deliverySource } from '@rxforce/core/delivery-source';
import { keepFrame } from '@rxforce/core/internal';
import type { RowSource } from '../reading/page-source.js';
import type { ResolvedChanges } from './changes-options.js';
import type { RowSink } from './entity-reading.js';
import type { PageInWork } from './pages-in-work.js';
import { SnapshotRun, type SnapshotDetail } from './snapshot-run.js';
import { NO_STATE, type SnapshotState } from './snapshot-state.js';
import { stateKey, StateKeeper } from './state-keeper.js';

/** What the Observable of records and changes needs. */
export interface RecordChangesParts<T> {
  readonly client: Pick<PubSubClient, 'changes' | 'topic'>;
  readonly entities: readonly string[];
  readonly openRows: (entity: string) => Observable<RowSource<T>>;
  readonly options: ResolvedChanges;
  readonly scheduler: SchedulerLike;
  readonly logger: Logger;
}

/** What one subscription needs. */
export interface RecordSubscriptionParts<T> extends RecordChangesParts<T> {
  /** Makes a stream of changes. */
  readonly open: (changed?: SubscribeOptions) => EventStream<ChangeEvent<T>>;
  /** Where its statuses go. */
  readonly statuses: Subject<SubscriptionStatus>;
}

/** One subscription to records and changes. It follows the statuses of its stream, to know when to read records. */
export class RecordSubscription<T> {
  private sink!: RowSink<T>;
  private run: SnapshotRun<T>;
  /** Whose statuses these are. */
  private owner: Pick<SubscriptionStatus, 'topic' | 'subscription' | 'name'>;
  private fence: number | undefined;
  /** One for the subscription, as states are saved one after the other. */
  private keeping: Promise<StateKeeper> | undefined;
  private readonly ending = new AbortController();
  /** The statuses of the stream that is followed. */
  private following = Subscription.EMPTY;
  /** Whether the stream goes on from another position than the one that the state is of. */
  private isElsewhere = false;
  /** Where the stream was opened last. */
  private from: unknown;
  /** Whether the stream is expected to leave a position that was lost. */
  private isLeaving = false;
  private inFrame: (work: () => void) => void = (work) => work();

  constructor(
    private readonly parts: RecordSubscriptionParts<T>,
    private readonly target: Subscriber<ChangeEvent<T>>,
  ) {
    const { topic, name } = parts.options;
    this.owner = { topic, subscription: 0, name };
    this.run = this.newRun();
  }

  /** Subscribes to the stream of changes. Called while the pipeline downstream is being subscribed. */
  begin(): void {
    this.inFrame = keepFrame();
    this.target.add(() => this.stop());
    this.takeRows();
    this.follow(this.parts.open());
  }

  /** Rows are delivered as the events of a stream of their own, with the same rules. */
  private takeRows(): void {
    const { options, entities, logger, scheduler } = this.parts;
    const { settle, earlySettlement, onUnheld } = options.subscribe;
    const rows$ = deliverySource<ChangeEvent<T>, PageInWork>((sink) => void (this.sink = sink), {
      ...{ name: `the records of ${entities.join(', ')}`, window: options.rowWindow, logger, scheduler },
      ...(settle && { settle }),
      ...(earlySettlement && { earlySettlement }),
      ...(onUnheld && { onUnheld }),
      describe: () => 'a record',
      settled: (page) => page.settled(),
      isLost: (page) => page.isLost(),
    });
    const { target } = this;
    subscribeInner(rows$, target, { next: (event) => target.next(event), complete: () => undefined });
  }

  private stop(): void {
    this.following.unsubscribe();
    this.endRun();
    this.ending.abort();
  }

  private follow(stream$: EventStream<ChangeEvent<T>>): void {
    const { target } = this;
    this.following = stream$.status$.subscribe((status) => this.heard(status));
    const caught$ = stream$.pipe(
      catchError((error: unknown) => {
        this.ended(error);
        return NEVER;
      }),
    );
    this.inFrame(() => {
      subscribeSource(caught$, target, {
        next: (event) => this.run.event(event),
        complete: () => target.complete(),
      });
    });
  }

  private heard(status: SubscriptionStatus): void {
    const { topic, subscription, name } = status;
    this.owner = { topic, subscription, name };
    this.parts.statuses.next(status);
    if (status.type === 'acquired') {
      this.fence = status.token;
      this.renewRun();
    } else if (status.type === 'lost') this.lost();
    else if (status.type === 'committed') this.positionKnown(this.from !== 'latest');
    else if (status.type === 'replayReset') this.wasReset();
    else if (status.type === 'connecting') {
      this.from = status.from;
      if (!this.isLeaving) this.connecting();
    } else if (status.type === 'live' && this.isLeaving) {
      // The position that was thought to be lost is served again.
      this.isLeaving = false;
      this.connecting();
    }
  }

  /** The stream goes on from another position. */
  private wasReset(): void {
    this.isLeaving = false;
    if (this.run.isPassing && !this.parts.options.readsAgain) return;
    this.isElsewhere = true;
    this.run.pause();
  }

  private positionKnown(isContinued: boolean): void {
    this.run.positionKnown({ isContinued: isContinued && !this.isElsewhere });
    this.isElsewhere = false;
  }

  /** Only the newest position is not known before it was committed: every other one is found again. */
  private connecting(): void {
    const { entities } = this.parts;
    if (this.from !== 'latest') this.positionKnown(true);
    else this.tell({ phase: 'waiting', entity: entities[0] ?? '', rows: 0, of: undefined, entities });
  }

  /** The stream has ended with an error. */
  private ended(error: unknown): void {
    const { options, logger } = this.parts;
    const isLost = RxforceError.is(error) && error.code === 'replay-id-invalid';
    if (!isLost || !options.readsAgain) {
      this.target.error(error);
      return;
    }
    // What it still reports, as of work that ends, is not of the stream that follows.
    this.following.unsubscribe();
    logger.warn(`${this.owner.topic}: ${error.message} All records are read again, as onInvalid is 'snapshot'.`);
    this.readAgain().catch((thrown: unknown) => this.target.error(thrown));
  }

  /**
   * Begins at the newest position, and reads everything again. That this must be done is durable before the stream
   * moves on, so that a crash in between does not hide the hole.
   */
  private async readAgain(): Promise<void> {
    this.renewRun();
    const keeper = await this.keeper();
    const lost: SnapshotState = { ...NO_STATE, phase: 'lost', startedAt: this.parts.scheduler.now() };
    // Another replica may have the lease by now. Then the stream waits for it, and that replica reads.
    await keeper.save(lost).catch((error: unknown) => {
      if (!this.isFenced(error)) throw error;
    });
    if (this.target.closed) return;
    this.isLeaving = true;
    const replay = this.parts.options.subscribe.replay as object;
    this.follow(this.parts.open({ replay: { ...replay, onInvalid: 'latest' } }));
  }

  private renewRun(): void {
    this.endRun();
    this.run = this.newRun();
  }

  private lost(): void {
    this.run.lose();
    this.endRun();
  }

  private endRun(): void {
    this.run.stop();
    void this.keeping?.then((keeper) => keeper.drop());
  }

  /** Whether another replica has the lease. */
  private isFenced(error: unknown): boolean {
    return this.fence !== undefined && RxforceError.is(error) && error.code === 'position-in-use';
  }

  private newRun(): SnapshotRun<T> {
    const { options, entities, openRows, scheduler, logger } = this.parts;
    const run = new SnapshotRun<T>({
      ...{ topic: options.topic, entities, openRows, scheduler, logger, target: this.target },
      ...{ known: options.known, queryLagMs: options.queryLagMs, onRead: options.onRead },
      sink: () => this.sink,
      keeper: () => this.keeper(),
      tell: (detail) => this.tell(detail),
      failed: (error) => {
        // The stream is fenced, too, and waits for the lease.
        if (this.isFenced(error)) run.pause();
        else this.target.error(error);
      },
    });
    return run;
  }

  private async keeper(): Promise<StateKeeper> {
    const keeper = await (this.keeping ??= this.newKeeper());
    keeper.fence = this.fence;
    return keeper;
  }

  private async newKeeper(): Promise<StateKeeper> {
    const { client, options, logger, scheduler } = this.parts;
    const key = await stateKey(client, options, { scheduler, logger }, this.ending.signal);
    return new StateKeeper({ store: options.store, logger, scheduler, key });
  }

  private tell(detail: SnapshotDetail): void {
    this.parts.statuses.next({ type: 'snapshot', ...detail, ...this.owner });
  }
}

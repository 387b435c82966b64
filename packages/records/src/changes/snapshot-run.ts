import { timer, type Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import type { ChangeEvent, Logger, StatusDetail } from '@rxforce/core';
import { SnapshotTooSlowError } from '@rxforce/core/model';
import { hold, type Hold } from '@rxforce/core/delivery';
import type { RowPage, RowSource } from '../reading/page-source.js';
import { readEntity, type RowSink } from './entity-reading.js';
import { checkEnded, firstBeforeEnd, ReadingEnded } from './reading-ended.js';
import { KnownRows, type KnownRowsRules } from './known-rows.js';
import { NO_STATE, type SnapshotState } from './snapshot-state.js';
import type { StateKeeper } from './state-keeper.js';

/** What is reported of a snapshot. */
export type SnapshotDetail = Omit<Extract<StatusDetail, { readonly type: 'snapshot' }>, 'type'>;

/** What a run needs. */
export interface SnapshotRunParts<T> {
  readonly topic: string;
  /** The objects, in the order of reading. */
  readonly entities: readonly string[];
  readonly openRows: (entity: string) => Observable<RowSource<T>>;
  /** Where rows are delivered. */
  readonly sink: () => RowSink<T>;
  /** Where events go. */
  readonly target: Subscriber<ChangeEvent<T>>;
  readonly keeper: () => Promise<StateKeeper>;
  readonly known: KnownRowsRules;
  readonly queryLagMs: number;
  readonly onRead: (entity: string, startedAt: number) => unknown;
  readonly tell: (status: SnapshotDetail) => void;
  readonly failed: (error: unknown) => void;
  readonly scheduler: SchedulerLike;
  readonly logger: Logger;
}

/** How the stream of a run began. */
export interface Beginning {
  /** Whether it continues from a position that is stored. */
  readonly isContinued: boolean;
}

interface Waiting<T> {
  readonly event: ChangeEvent<T>;
  readonly held: Hold;
}

const NOTHING = () => undefined;
const HOUR_MS = 3_600_000;
/** The service keeps events for 72 hours. */
const TOO_SLOW_MS = 70 * HOUR_MS;
const WARN_AFTER_MS = [48 * HOUR_MS, 24 * HOUR_MS];

/**
 * One reading of records before the events of one stream. Events wait, held, until all records were read and settled.
 * With a lease, there is one each time that the lease is held.
 */
export class SnapshotRun<T> {
  private phase: 'waiting' | 'reading' | 'passing' | 'over' = 'waiting';
  private waiting: Waiting<T>[] = [];
  private readonly known: KnownRows;
  /** Ends the reading. */
  private ending = new AbortController();
  private warnedAfterMs = 0;
  private isLost = false;

  constructor(private readonly parts: SnapshotRunParts<T>) {
    this.known = new KnownRows(parts.known);
  }

  /** An event of the stream. */
  event(event: ChangeEvent<T>): void {
    if (this.phase === 'passing') {
      this.pass(event, (left) => this.parts.target.next(left));
      return;
    }
    const held = hold(event, 'keeps');
    if (this.phase === 'over') {
      held.abandon();
      return;
    }
    // It waits for the records and not for work, so it is not stuck. More events would not help it.
    held.onPressure(NOTHING);
    this.waiting.push({ event, held });
  }

  /** Whether events pass. */
  get isPassing(): boolean {
    return this.phase === 'passing';
  }

  /** The position of the stream is durable, so that nothing after it can be missed. */
  positionKnown(beginning: Beginning): void {
    if (this.phase !== 'waiting') return;
    this.phase = 'reading';
    const { signal } = this.ending;
    this.read(beginning, signal).catch((error: unknown) => {
      if (!signal.aborted && !(error instanceof ReadingEnded)) this.parts.failed(error);
    });
  }

  /** Stops to read. Events wait, until the position is known again. */
  pause(): void {
    if (this.phase === 'over') return;
    this.ending.abort();
    this.phase = 'waiting';
    this.ending = new AbortController();
  }

  /** Ends it, as another replica reads. Rows that wait for work are not begun: they would come after newer ones. */
  lose(): void {
    this.isLost = true;
    this.stop();
  }

  /** Ends it. Events that wait come again. */
  stop(): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.ending.abort();
    const { waiting } = this;
    this.waiting = [];
    waiting.forEach(({ held }) => held.abandon());
  }

  private async read(beginning: Beginning, signal: AbortSignal): Promise<void> {
    const keeper = await this.parts.keeper();
    const stored = await keeper.load();
    checkEnded(signal);
    let state = this.startingFrom(stored, beginning);
    if (state !== stored) {
      // A crash before the reading begins must not make it seem that nothing is to be read.
      if (stored !== undefined && stored.phase !== 'lost') await keeper.save({ ...state, phase: 'lost' });
      // Only then is a reading that goes on after a crash late enough.
      await this.untilAnswersAreNewer(signal);
      await keeper.save(state);
    }
    for (const entity of this.unread(state)) {
      checkEnded(signal);
      state = await this.readOne(entity, state, keeper, signal);
    }
    checkEnded(signal);
    if (this.unread(stored ?? NO_STATE).length === 0 && state === stored) this.tellDone();
    this.finish(state);
  }

  /** Everything was read before. */
  private tellDone(): void {
    const { entities, tell } = this.parts;
    tell({ phase: 'done', entity: entities.at(-1) ?? '', rows: 0, of: undefined, entities, read: entities });
  }

  /** Waits until no query answers with what was before the position. */
  private async untilAnswersAreNewer(signal: AbortSignal): Promise<void> {
    const { queryLagMs, scheduler } = this.parts;
    if (queryLagMs > 0) await firstBeforeEnd(timer(queryLagMs, scheduler), signal);
  }

  private unread({ read }: Pick<SnapshotState, 'read'>): readonly string[] {
    return this.parts.entities.filter((entity) => !read.includes(entity));
  }

  private startingFrom(stored: SnapshotState | undefined, { isContinued }: Beginning): SnapshotState {
    const { scheduler, logger, topic } = this.parts;
    const startedAt = scheduler.now();
    const fresh: SnapshotState = { phase: 'reading', ...NO_STATE, startedAt };
    if (stored === undefined || stored.phase === 'lost') return fresh;
    if (stored.phase === 'reading' && startedAt - stored.startedAt >= TOO_SLOW_MS) {
      logger.warn(`${topic}: a reading of records began more than 70 hours ago, so all records are read again.`);
      return fresh;
    }
    if (!isContinued) {
      logger.warn(`${topic}: its position is gone although records were read since, so all records are read again.`);
      return fresh;
    }
    const isMore = stored.phase === 'done' && this.unread(stored).length > 0;
    return isMore ? { ...fresh, read: stored.read } : stored;
  }

  private async readOne(
    entity: string,
    before: SnapshotState,
    keeper: StateKeeper,
    signal: AbortSignal,
  ): Promise<SnapshotState> {
    const { topic, openRows, sink, tell, onRead, entities, failed } = this.parts;
    let state: SnapshotState = before.entity === entity ? before : { ...before, entity, cursor: undefined, rows: 0 };
    const { startedAt } = state;
    const source = await firstBeforeEnd(openRows(entity), signal);
    let { rows } = state;
    const of = source.count;
    const tellPage = () => {
      const { cursor, rows: settled, read } = state;
      tell({ phase: 'reading', entity, rows, of, settled, cursor, entities, read });
    };
    tellPage();
    const pageRead = (page: RowPage<T>) => {
      if (page.restarted === true) {
        rows = 0;
        state = { ...state, rows: 0, cursor: undefined };
      }
      rows += page.rows.length;
      this.checkSpeed(startedAt);
      tellPage();
    };
    const passed = (cursor: string, settled: number) => {
      if (signal.aborted) return;
      state = { ...state, cursor, rows: state.rows + settled };
      keeper.save(state).catch((error: unknown) => signal.aborted || failed(error));
    };
    const isLost = () => this.isLost;
    await readEntity<T>(
      { entity, topic, source, sink: sink(), startedAt, known: this.known, signal, pageRead, passed, isLost },
      state.cursor,
    );
    checkEnded(signal);
    await onRead(entity, startedAt);
    checkEnded(signal);
    const read = [...state.read, entity];
    const isLast = entities.every((each) => read.includes(each));
    state = { ...NO_STATE, phase: isLast ? 'done' : 'reading', read, startedAt };
    await keeper.save(state);
    checkEnded(signal);
    tell({ phase: isLast ? 'done' : 'reading', entity, rows, of, entities, read });
    return state;
  }

  /** Lets the events pass that waited, in their order, and all that follow. */
  private finish({ startedAt }: SnapshotState): void {
    this.known.end(Math.max(startedAt, this.parts.scheduler.now()));
    const { target } = this.parts;
    const { waiting } = this;
    this.waiting = [];
    this.phase = 'passing';
    for (const { event, held } of waiting) {
      if (!this.isPassing) held.abandon();
      else {
        this.pass(event, (left) => held.emit(target, left));
        held.release();
      }
    }
  }

  private pass(event: ChangeEvent<T>, emit: (event: ChangeEvent<T>) => void): void {
    const left = this.known.without(event);
    if (left !== undefined) emit(left);
  }

  private checkSpeed(startedAt: number): void {
    const { topic, scheduler, logger } = this.parts;
    const tookMs = scheduler.now() - startedAt;
    if (tookMs >= TOO_SLOW_MS) throw tooSlow(topic);
    const reached = WARN_AFTER_MS.find((ms) => tookMs >= ms) ?? 0;
    if (reached <= this.warnedAfterMs) return;
    this.warnedAfterMs = reached;
    logger.warn(
      `${topic}: its records have been read for ${Math.floor(tookMs / HOUR_MS)} hours. The service keeps the events since for 72.`,
    );
  }
}

function tooSlow(topic: string): SnapshotTooSlowError {
  return new SnapshotTooSlowError(
    `The records of ${topic} were read for 70 hours, and the service drops events after 72: those since the beginning would be ` +
      "missed. Read by 'bulk', fewer fields, or fewer records by `where`; then begin again with restart().",
    { topic },
  );
}

import { of, type Observable } from 'rxjs';
import { memoryReplayStore, type ChangeEvent, type ReplayStore, type SubscriptionStatus } from '@rxforce/core';
import { changeEvent } from '@rxforce/core/testing';
import { handle } from '@rxforce/operators';
import { SteppedTime } from '../../../core/test/support/stepped-time.js';
import { resolveChanges, type RecordsChangesOptions } from '../../src/changes/changes-options.js';
import { recordChanges } from '../../src/changes/record-changes.js';
import { decodeState, encodeState, NO_STATE, type SnapshotState } from '../../src/changes/snapshot-state.js';
import type { RowSource } from '../../src/reading/page-source.js';
import { at, scriptedClient, scriptedRows, type Named } from './scripted-client.js';

/** Where the state of a reading is kept. */
export const KEY = { organizationId: '00D000000000001', topic: '/data/X', name: 'x:snapshot' };

/** A stream connects, and has no failures. */
export const CONNECTING = { type: 'connecting', failures: 0 } as const;

/** A stream has a position that is durable. */
export const COMMITTED = { type: 'committed', position: at('p'), events: 0, tookMs: 0 } as const;

/** A change that comes through a stream. */
export const event = (id: string) =>
  changeEvent<Named>({ id, changeType: 'UPDATE', recordIds: ['b'], data: { Name: id }, commitTimestamp: 9_000_000 });

/** A clock, a store, and what came of the subscriptions of a test. */
export class ChangesBench {
  readonly time = new SteppedTime();
  store: ReplayStore = memoryReplayStore();
  /** The cursors that pages were asked for with. */
  readonly asked: (string | undefined)[] = [];
  /** What was worked on, in order. */
  readonly seen: string[] = [];
  readonly errors: unknown[] = [];
  readonly warnings: string[] = [];
  readonly statuses: SubscriptionStatus[] = [];

  /** The changes of objects whose rows are given. */
  changes(
    entities: readonly string[],
    openRows: (entity: string) => Observable<RowSource<Named>>,
    options: RecordsChangesOptions,
  ) {
    const { client, streams } = scriptedClient(this.time);
    const logger = { warn: (message: string) => this.warnings.push(message) };
    const changes$ = recordChanges<Named>({
      ...{ client, entities, openRows, logger, scheduler: this.time },
      options: resolveChanges(entities, options),
    });
    return { changes$, streams, stream: (index = -1) => streams.at(index)! };
  }

  /** Subscribes; the rows of `Account` are a1 to a5, and those of any other object one of its name. */
  subscribe(options: RecordsChangesOptions = {}, entities = ['Account'], rowMs = 0) {
    const rowsOf = (entity: string) => (entity === 'Account' ? ['a1', 'a2', 'a3', 'a4', 'a5'] : [entity]);
    const { changes$, ...streams } = this.changes(
      entities,
      (entity) => of(scriptedRows(this.time, rowsOf(entity), this.asked)),
      { ...options, replay: { store: this.store, name: 'x', ...options.replay } },
    );
    changes$.status$.subscribe((status) => this.statuses.push(status));
    let isComplete = false;
    const subscription = changes$.pipe(handle((change) => this.work(change, rowMs))).subscribe({
      error: (error: unknown) => this.errors.push(error),
      complete: () => (isComplete = true),
    });
    return { ...streams, subscription, isComplete: () => isComplete };
  }

  /** The state that is durable. */
  async state() {
    const position = await this.store.load(KEY);
    return position && decodeState(KEY, position);
  }

  /** Has an earlier process leave a state: of a reading that began at 0, by default. */
  put(given: Partial<SnapshotState>) {
    return this.store.save(KEY, encodeState({ ...NO_STATE, phase: 'reading', startedAt: 0, ...given }));
  }

  /** What was reported of the reading. */
  phases() {
    return this.statuses.flatMap((status) =>
      status.type === 'snapshot' ? [`${status.phase} ${status.entity} ${status.rows}`] : [],
    );
  }

  private work({ id, data }: ChangeEvent<Named>, rowMs: number) {
    return new Promise<void>((resolve) => {
      this.time.schedule(() => {
        this.seen.push(data.Name ?? id);
        resolve();
      }, rowMs);
    });
  }
}

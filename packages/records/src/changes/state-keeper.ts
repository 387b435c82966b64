import { defer, firstValueFrom, from, type SchedulerLike } from 'rxjs';
import type { Logger, PositionKey, ReplayStore } from '@rxforce/core';
import { loadedPosition, retryTransient, savedAnswer, storeFailed } from '@rxforce/core/internal';
import { decodeState, encodeState, type SnapshotState } from './snapshot-state.js';

/** What a keeper needs. */
export interface StateKeeperParts {
  readonly store: ReplayStore;
  readonly key: PositionKey;
  /** The fencing token of the lease, where there is one. */
  readonly fence: number | undefined;
  readonly logger: Logger;
  readonly scheduler: SchedulerLike;
}

/** The name under which the state of a subscription's snapshot is stored, beside its position. */
export function stateName(name: string): string {
  return `${name}:snapshot`;
}

/** Keeps the state of a snapshot in a replay store. Calls that fail for now are made again. */
export class StateKeeper {
  /** The saves, one after the other: a store is never called twice at the same time for one key. */
  private last: Promise<unknown> = Promise.resolve();
  /** The newest state that waits to be saved. */
  private waiting: SnapshotState | undefined;

  constructor(private readonly parts: StateKeeperParts) {}

  /** The stored state; `undefined` where there is none. */
  async load(): Promise<SnapshotState | undefined> {
    const { store, key } = this.parts;
    const position = await this.patient(async () => loadedPosition(key, await store.load(key)));
    return position && decodeState(key, position);
  }

  /** Makes a state durable. Where several wait, only the newest is saved. */
  save(state: SnapshotState): Promise<void> {
    this.waiting = state;
    const saved = this.last.then(() => this.saveNewest());
    this.last = saved.catch(() => undefined);
    return saved;
  }

  private async saveNewest(): Promise<void> {
    const { store, key, fence } = this.parts;
    const state = this.waiting;
    this.waiting = undefined;
    // A later call has saved a newer state.
    if (state === undefined) return;
    const position = encodeState(state);
    await this.patient(async () => savedAnswer(await store.save(key, position, fence)));
  }

  private patient<T>(call: () => Promise<T>): Promise<T> {
    const { logger, key, scheduler } = this.parts;
    const warn = (attempt: number, _delayMs: number, cause: Error) => {
      if (attempt === 1) logger.warn(`${key.topic}: the state of the snapshot waits for its store: ${cause.message}`);
    };
    const attempt$ = defer(() =>
      from(
        call().catch((error: unknown) => {
          throw storeFailed(error);
        }),
      ),
    );
    return firstValueFrom(attempt$.pipe(retryTransient({ scheduler, random: Math.random }, warn)));
  }
}

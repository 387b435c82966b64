import { defer, from, type SchedulerLike } from 'rxjs';
import type { Logger, PositionKey, PubSubClient, ReplayStore } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import { loadedPosition, retryTransient, savedAnswer, storeFailed } from '@rxforce/core/internal';
import type { ResolvedChanges } from './changes-options.js';
import { checkEnded, firstBeforeEnd } from './reading-ended.js';
import { decodeState, encodeState, NO_STATE, type SnapshotState } from './snapshot-state.js';

const ORGANIZATION_ID_LENGTH = 15;

/** What a keeper needs. */
export interface StateKeeperParts {
  readonly store: ReplayStore;
  readonly key: PositionKey;
  readonly logger: Logger;
  readonly scheduler: SchedulerLike;
}

/** Where the state of a subscription's snapshot is stored: beside its position. */
export async function stateKey(
  client: Pick<PubSubClient, 'topic'>,
  { topic: given, name }: Pick<ResolvedChanges, 'topic' | 'name'>,
  { scheduler, logger }: Pick<StateKeeperParts, 'logger' | 'scheduler'>,
  signal: AbortSignal = new AbortController().signal,
): Promise<PositionKey> {
  const warn = (attempt: number, _delayMs: number, cause: Error) => {
    if (attempt === 1) logger.warn(`${given}: its org is not known yet: ${cause.message}`);
  };
  const topic$ = client.topic(given).pipe(retryTransient({ scheduler, random: Math.random }, warn));
  const { topic, tenantId } = await firstBeforeEnd(topic$, signal);
  return { organizationId: organizationIn(tenantId), topic, name: `${name}:snapshot` };
}

/** The service's name of a tenant may have the places before it where the org is: `core/prod/00D…`. */
function organizationIn(tenantId: string): string {
  return (tenantId.split('/').at(-1) ?? tenantId).slice(0, ORGANIZATION_ID_LENGTH);
}

/** Has everything read again by the next subscription. */
export async function readAgain(
  client: Pick<PubSubClient, 'topic'>,
  options: ResolvedChanges,
  parts: Pick<StateKeeperParts, 'logger' | 'scheduler'>,
): Promise<void> {
  const { store, isKept } = options;
  if (!isKept) {
    throw new ConfigurationError('restart() needs the replay.store and replay.name of the subscription to read again.');
  }
  const keeper = new StateKeeper({ ...parts, store, key: await stateKey(client, options, parts) });
  await keeper.save({ ...NO_STATE, phase: 'lost', startedAt: parts.scheduler.now() });
}

/** Keeps the state of a snapshot in a replay store. Calls that fail for now are made again. */
export class StateKeeper {
  /** The saves, one after the other: a store is never called twice at the same time for one key. */
  private last: Promise<unknown> = Promise.resolve();
  /** The newest state that waits to be saved. */
  private waiting: SnapshotState | undefined;
  private ending = new AbortController();
  /** The call of the store that is under way, also where nobody waits for it any more. */
  private calling: Promise<unknown> = Promise.resolve();
  /** The fencing token of the lease, where there is one. */
  fence: number | undefined;

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

  /** Gives up what is not saved, and does not try again. The next call waits for the one under way. */
  drop(): void {
    this.waiting = undefined;
    this.ending.abort();
    this.ending = new AbortController();
  }

  private async saveNewest(): Promise<void> {
    const { store, key } = this.parts;
    const { fence } = this;
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
    const { signal } = this.ending;
    const attempt$ = defer(() => from(this.inTurn(call, signal)));
    return firstBeforeEnd(attempt$.pipe(retryTransient({ scheduler, random: Math.random }, warn)), signal);
  }

  private inTurn<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const answer = this.calling.then(async () => {
      checkEnded(signal);
      try {
        return await call();
      } catch (error) {
        throw storeFailed(error);
      }
    });
    this.calling = answer.catch(() => undefined);
    return answer;
  }
}

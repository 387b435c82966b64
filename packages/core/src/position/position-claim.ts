import { quietly } from '../model/answer.js';
import { PositionInUseError } from '../model/errors.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { ReplayId } from '../model/replay-id.js';
import type { PositionKey, PositionLock, ReplayStore, StreamPosition, StoreError } from '../ports/replay-store.js';
import { loadedPosition, lockAnswer, reachedAnswer, savedAnswer, storeFailed } from '../ports/store-answers.js';

/** The positions in use, by store: one live subscription each. */
const inUse = new WeakMap<ReplayStore, Map<string, PositionClaim>>();

/** What a claim passes on to the next one. */
interface Legacy {
  readonly position: StreamPosition | undefined;
  readonly lock: PositionLock | undefined;
}

/**
 * The sole right to a position of a store, in this process and, where the store can lock, among all processes.
 *
 * A subscription that is over keeps its claim while work on its events continues and its last position is being saved.
 * The next subscription of that name takes the claim over, with the newest position. So `retry()` continues at once.
 */
export class PositionClaim {
  private legacy: Promise<Legacy> | undefined;
  private lock: PositionLock | undefined;
  private retired: (() => StreamPosition | undefined) | undefined;
  private handedOn = false;
  /** The call of the store under way, if any. Never rejects. */
  private busy: Promise<unknown> = Promise.resolve();
  private releasing: Promise<void> | undefined;

  private constructor(
    private readonly store: ReplayStore,
    private readonly key: PositionKey,
    private readonly fence: number | undefined,
    private readonly forget: () => void,
  ) {}

  /**
   * Claims a position. Returns an `Err` with `position-in-use` when a live subscription has it.
   *
   * @param fence - The fencing token of the lease, where there is one. It takes the place of the store's lock. A
   * position saved under the lease takes precedence over the knowledge of an earlier subscription of this process,
   * which may have lost the lease meanwhile.
   */
  static claim(store: ReplayStore, key: PositionKey, fence?: number): Result<PositionClaim, StoreError> {
    const claims = inUse.get(store) ?? new Map<string, PositionClaim>();
    inUse.set(store, claims);
    const id = JSON.stringify([key.organizationId, key.topic, key.name]);
    const before = claims.get(id);
    // Where both have a lease, the other one has lost it, and will hear of that.
    const isFenced = fence !== undefined && before?.fence !== undefined;
    if (before && !before.retired && !before.releasing && !isFenced) return Err(usedHere(key));
    const claim: PositionClaim = new PositionClaim(store, key, fence, () => {
      if (claims.get(id) === claim) claims.delete(id);
    });
    claim.legacy = before?.handOn();
    claims.set(id, claim);
    return Ok(claim);
  }

  /**
   * Locks and reads the position. A position that an earlier subscription left may not be durable yet; it is durable
   * when this resolves. After a failure it may be called again.
   *
   * @param before - Where an earlier subscription ended. It counts when nothing is stored.
   */
  open(before: StreamPosition | undefined): Promise<Result<StreamPosition | undefined, StoreError>> {
    return this.use(async () => {
      const legacy = await this.legacy;
      this.lock ??= legacy?.lock;
      if (this.lock === undefined && this.store.lock && this.fence === undefined) {
        this.lock = lockAnswer(await this.store.lock(this.key));
      }
      if (legacy?.position && this.fence === undefined) return this.secure(legacy.position);
      const loaded = loadedPosition(this.key, await this.store.load(this.key));
      return loaded === undefined && before ? this.secure(before) : loaded;
    });
  }

  /** Makes a position durable. */
  save(position: StreamPosition): Promise<Result<void, StoreError>> {
    return this.use(() => this.write(position));
  }

  /** A position that was reached before a time, where the store knows one. */
  async reachedBefore(time: Date): Promise<ReplayId | undefined> {
    const { store, key } = this;
    if (!store.reachedBefore) return undefined;
    const known = await this.use(async () => reachedAnswer(await store.reachedBefore?.(key, time)));
    return known.unwrapOr(undefined);
  }

  /**
   * The subscription is over: the next one may take the claim.
   *
   * @param giveUp - Stops all saves, and returns the newest position.
   */
  retire(giveUp: () => StreamPosition | undefined): void {
    this.retired = giveUp;
  }

  /** Gives the position up, once the call under way is done. */
  release(): Promise<void> {
    return (this.releasing ??= this.giveBack());
  }

  private async secure(position: StreamPosition): Promise<StreamPosition> {
    await this.write(position);
    return position;
  }

  private async write(position: StreamPosition): Promise<void> {
    savedAnswer(await this.store.save(this.key, position, this.fence));
  }

  private async giveBack(): Promise<void> {
    await this.busy;
    const lock = this.lock ?? (await this.legacy)?.lock;
    if (this.handedOn) return;
    if (lock) await quietly(() => lock.release());
    this.forget();
  }

  private async handOn(): Promise<Legacy> {
    if (this.releasing) {
      await this.releasing;
      return { position: undefined, lock: undefined };
    }
    this.handedOn = true;
    const own = this.retired?.();
    await this.busy;
    const legacy = await this.legacy;
    return { position: own ?? legacy?.position, lock: this.lock ?? legacy?.lock };
  }

  /** Makes one call at a time. Never rejects: an error that the store rejects with or throws becomes an `Err`. */
  private use<T>(work: () => Promise<T>): Promise<Result<T, StoreError>> {
    const done = this.busy.then(work).then(
      (value) => Ok(value),
      (thrown: unknown) => Err(storeFailed(thrown)),
    );
    this.busy = done;
    return done;
  }
}

function usedHere({ topic, name }: PositionKey): PositionInUseError {
  return new PositionInUseError(
    `Another subscription of this process goes by the position "${name}" of ${topic}. Two would overwrite each other's ` +
      'position and lose events: give each consumer a name of its own, or let them share one subscription with share().',
    { topic },
  );
}

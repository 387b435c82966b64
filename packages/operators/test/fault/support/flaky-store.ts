import type { SchedulerLike } from 'rxjs';
import { ReplayStoreError } from '@rxforce/core/model';
import type {
  PositionKey,
  PositionLock,
  ReplayStore,
  StreamPosition,
} from '../../../../core/src/ports/replay-store.js';

/** How one save goes. */
export interface SaveTraits {
  readonly delayMs: number;
  /** `lost`: it is durable, and the answer is an error all the same. */
  readonly outcome: 'ok' | 'error' | 'rejected' | 'lost';
}

/** What is durable, whatever becomes of the processes that wrote it. */
export interface Disk {
  position: StreamPosition | undefined;
  /** Which process has the lock. */
  lockedBy: FlakyStore | undefined;
}

/** What the store tells the test. */
export interface StoreListener {
  /** A position is about to be saved. */
  saving(position: StreamPosition): void;
  /** It is durable. */
  saved(position: StreamPosition): void;
  /** The client breaks the rules of the port. */
  broken(rule: string): void;
  isCalm(): boolean;
}

/** One process's replay store. Its calls take virtual time, and fail as told until all is calm. */
export class FlakyStore implements ReplayStore {
  private busy = false;
  private calls = 0;

  constructor(
    private readonly disk: Disk,
    private readonly traits: readonly SaveTraits[],
    private readonly scheduler: SchedulerLike & { readonly dead: boolean },
    private readonly listener: StoreListener,
  ) {}

  async lock(): Promise<PositionLock> {
    await this.wait(0);
    if (this.disk.lockedBy) this.listener.broken('The position is locked twice.');
    this.disk.lockedBy = this;
    const release = () => {
      if (this.disk.lockedBy !== this) this.listener.broken('A lock is released that is not held.');
      this.disk.lockedBy = undefined;
      return Promise.resolve();
    };
    return { release };
  }

  load(_key: PositionKey): Promise<StreamPosition | undefined> {
    return this.alone(({ outcome }) => {
      if (outcome !== 'ok') throw failed(outcome);
      return this.disk.position;
    });
  }

  save(_key: PositionKey, position: StreamPosition): Promise<void> {
    if (this.disk.lockedBy !== this) this.listener.broken('A position is saved without the lock.');
    if (!this.scheduler.dead) this.listener.saving(position);
    return this.alone(({ outcome }) => {
      if (outcome === 'ok' || outcome === 'lost') {
        this.disk.position = position;
        this.listener.saved(position);
      }
      if (outcome !== 'ok') throw failed(outcome);
    });
  }

  private async alone<T>(work: (traits: SaveTraits) => T): Promise<T> {
    if (this.busy) this.listener.broken('load and save are called at the same time.');
    this.busy = true;
    const traits = this.traits[this.calls++ % this.traits.length]!;
    await this.wait(traits.delayMs);
    this.busy = false;
    return work(this.listener.isCalm() ? { ...traits, outcome: 'ok' } : traits);
  }

  /** Never ends in a process that has died. */
  private wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.scheduler.schedule(() => resolve(), delayMs));
  }
}

/** `rejected`: with an error that no store should reject with. */
function failed(outcome: SaveTraits['outcome']): Error {
  return outcome === 'rejected' ? new Error('rejected') : new ReplayStoreError('The disk is away.');
}

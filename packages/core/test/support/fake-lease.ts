import { PositionInUseError } from '../../src/model/errors.js';
import type { HeldLease, Lease } from '../../src/ports/lease.js';
import type { PositionKey, StreamPosition } from '../../src/ports/replay-store.js';
import { FakeStore } from './fake-store.js';

/** A lease of one second, among those who share it. */
export class FakeLease implements Lease {
  readonly ttlMs = 1_000;
  tokens = 0;
  holder = 0;
  releases = 0;
  onRelease: () => Promise<void> = () => Promise.resolve();
  /** How the lease's service answers a renewal, where it does not do as it should. */
  onRenew: () => Promise<unknown> = () => Promise.resolve();

  acquire() {
    if (this.holder > 0) return Promise.resolve(undefined);
    const token = ++this.tokens;
    this.holder = token;
    const held: HeldLease = {
      token,
      renew: async () => {
        await this.onRenew();
        return this.holder === token;
      },
      release: () => {
        this.releases++;
        if (this.holder === token) this.holder = 0;
        return this.onRelease();
      },
    };
    return Promise.resolve(held);
  }
}

/** A store that all replicas share: it refuses whoever comes with a smaller token. */
export class FencedStore extends FakeStore {
  largest = 0;
  refused = 0;

  override async save(key: PositionKey, position: StreamPosition, fence?: number) {
    this.locked = true;
    if ((fence ?? 0) < this.largest) {
      this.refused++;
      throw new PositionInUseError('The lease has passed to somebody else.');
    }
    this.largest = fence ?? 0;
    return super.save(key, position);
  }

  override load(key: PositionKey) {
    this.locked = true;
    return super.load(key);
  }
}

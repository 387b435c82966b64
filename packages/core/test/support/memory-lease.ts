import { asyncScheduler, type SchedulerLike } from 'rxjs';
import type { HeldLease, Lease, PositionKey } from '@rxforce/core';

/** Leases in this process, which a test can take away. */
export class MemoryLeases {
  private readonly holders = new Map<string, { readonly token: number; until: number }>();
  private tokens = 0;

  constructor(
    private readonly ttlMs = 1_000,
    private readonly scheduler: SchedulerLike = asyncScheduler,
  ) {}

  /** The topics of the leases that are held. */
  held(): readonly string[] {
    return [...this.holders].filter(([, { until }]) => until > this.scheduler.now()).map(([key]) => key);
  }

  /** Takes all leases from their holders, who notice when they renew. */
  takeAll(): void {
    this.holders.clear();
  }

  lease(): Lease {
    const { ttlMs, scheduler } = this;
    return {
      ttlMs,
      acquire: ({ topic, name }: PositionKey) => {
        const key = `${topic} ${name}`;
        const holder = this.holders.get(key);
        if (holder && holder.until > scheduler.now()) return Promise.resolve(undefined);
        const own = { token: ++this.tokens, until: scheduler.now() + ttlMs };
        this.holders.set(key, own);
        return Promise.resolve(this.heldBy(key, own));
      },
    };
  }

  private heldBy(key: string, own: { readonly token: number; until: number }): HeldLease {
    const isOwn = () => this.holders.get(key) === own && own.until > this.scheduler.now();
    return {
      token: own.token,
      renew: () => {
        const isHeld = isOwn();
        if (isHeld) own.until = this.scheduler.now() + this.ttlMs;
        return Promise.resolve(isHeld);
      },
      release: () => {
        if (this.holders.get(key) === own) this.holders.delete(key);
        return Promise.resolve();
      },
    };
  }
}

import type { HeldLease, Lease, PositionKey } from '@rxforce/core';
import type { Clock } from './members-by-looking.js';

/** How often each call was made, since they were last asked for. */
export interface LeaseCalls {
  acquire: number;
  renew: number;
  release: number;
}

interface Holder {
  readonly member: string;
  until: number;
}

/** The leases of all partitions, as an engine keeps them: it counts the calls, and knows who holds what. */
export class CountedLeases {
  private readonly holders = new Map<string, Holder>();
  private readonly dead = new Set<string>();
  private tokens = 0;
  private calls: LeaseCalls = { acquire: 0, renew: 0, release: 0 };
  /** How often a lease passed from one member to another. */
  moves = 0;
  private readonly lastHolder = new Map<string, string>();

  constructor(
    private readonly ttlMs: number,
    private readonly clock: Clock,
  ) {}

  /** The holders, by topic. */
  held(): ReadonlyMap<string, string> {
    const now = this.clock.now();
    return new Map(
      [...this.holders].filter(([, { until }]) => until > now).map(([topic, { member }]) => [topic, member]),
    );
  }

  /** The calls since this was last asked. */
  takeCalls(): LeaseCalls {
    const { calls } = this;
    this.calls = { acquire: 0, renew: 0, release: 0 };
    return calls;
  }

  /** The member's calls reach nobody from here on: its leases run out. */
  kill(member: string): void {
    this.dead.add(member);
  }

  leaseOf(member: string): Lease {
    return {
      ttlMs: this.ttlMs,
      acquire: ({ topic }: PositionKey) => this.answer(member, 'acquire', () => this.acquire(topic, member)),
    };
  }

  private acquire(topic: string, member: string): HeldLease | undefined {
    const now = this.clock.now();
    const holder = this.holders.get(topic);
    if (holder && holder.until > now) return undefined;
    if (this.lastHolder.get(topic) !== member) this.moves++;
    this.lastHolder.set(topic, member);
    const own: Holder = { member, until: now + this.ttlMs };
    this.holders.set(topic, own);
    return {
      token: ++this.tokens,
      renew: () =>
        this.answer(member, 'renew', () => {
          const isHeld = this.holders.get(topic) === own && own.until > this.clock.now();
          if (isHeld) own.until = this.clock.now() + this.ttlMs;
          return isHeld;
        }),
      release: () =>
        this.answer(member, 'release', () => {
          if (this.holders.get(topic) === own) this.holders.delete(topic);
        }),
    };
  }

  private async answer<T>(member: string, call: keyof LeaseCalls, work: () => T): Promise<T> {
    if (this.dead.has(member)) return new Promise<T>(() => undefined);
    this.calls[call]++;
    await Promise.resolve();
    return work();
  }
}

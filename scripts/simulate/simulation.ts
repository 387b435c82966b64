import { createLogClient, memoryReplayStore, type LogClient } from '@rxforce/core';
import { memoryEventLog } from '@rxforce/core/testing';
import { SteppedTime } from '../../packages/core/test/support/stepped-time.js';
import { CountedLeases } from './counted-leases.js';
import { MembersByLooking } from './members-by-looking.js';

/** How large the simulated group is. */
export interface SimulationOptions {
  readonly partitions: number;
  readonly workers: number;
  /** How long a lease outlives its holder, in milliseconds. */
  readonly ttlMs: number;
}

/** What one event in the life of the group led to. */
export interface Phase {
  readonly what: string;
  /** Until each partition had a reader, and all had their share, in milliseconds. */
  readonly tookMs: number;
  /** The longest time that a partition had no reader, in milliseconds. */
  readonly longestWithoutMs: number;
  /** How many partitions passed from one worker to another. */
  readonly moved: number;
  /** Calls a second. */
  readonly calls: { readonly acquire: number; readonly renew: number; readonly release: number; readonly look: number };
  /** The fewest and the most partitions of a worker at the end. */
  readonly shares: readonly [number, number];
}

const TOPIC = '/data/AccountChangeEvent';
const STEP_MS = 100;
const LONGEST_MS = 10 * 60_000;

/**
 * A group of workers in virtual time: the real client of a log, with leases and members in memory.
 *
 * It makes no events: it shows what sharing out costs, and how long partitions wait.
 */
export class Simulation {
  private readonly time = new SteppedTime();
  private readonly log;
  private readonly leases: CountedLeases;
  private readonly members: MembersByLooking;
  private readonly store = memoryReplayStore();
  private readonly clients = new Map<string, LogClient>();
  private started = 0;

  constructor(private readonly options: SimulationOptions) {
    const { partitions, ttlMs } = options;
    this.log = memoryEventLog({ partitions, scheduler: this.time });
    this.leases = new CountedLeases(ttlMs, this.time);
    this.members = new MembersByLooking(ttlMs, this.time);
  }

  /** All workers start, one every 50 ms. */
  start(): Promise<Phase> {
    return this.phase(
      `${this.options.workers} workers start within ${(this.options.workers * 0.05).toFixed(1)} s`,
      async () => {
        for (let count = 0; count < this.options.workers; count++) {
          this.join();
          await this.time.pass(50);
        }
      },
    );
  }

  /** Nothing happens for a minute. */
  quiet(): Promise<Phase> {
    return this.phase('nothing happens for a minute', () => this.time.pass(60_000));
  }

  /** One more worker comes. */
  comes(): Promise<Phase> {
    return this.phase('one more worker comes', async () => {
      this.join();
      await this.time.pass(this.options.ttlMs);
    });
  }

  /** Some workers die at the same moment. */
  die(count: number): Promise<Phase> {
    return this.phase(count === 1 ? 'a worker dies' : `${count} workers die at once`, async () => {
      for (const name of [...this.clients.keys()].slice(0, count)) {
        this.leases.kill(name);
        this.members.kill(name);
        this.clients.get(name)?.close();
        this.clients.delete(name);
      }
      await this.time.pass(STEP_MS);
    });
  }

  /** Workers are drained and replaced, one after another, as in a deployment. */
  replace(count: number): Promise<Phase> {
    return this.phase(
      count === 1 ? 'a worker is replaced' : `${count} workers are replaced, one every 5 s`,
      async () => {
        for (const name of [...this.clients.keys()].slice(0, count)) {
          this.join();
          void this.clients.get(name)?.drain();
          this.clients.delete(name);
          await this.time.pass(5_000);
        }
      },
    );
  }

  /** Ends all workers. */
  close(): void {
    this.clients.forEach((client) => client.close());
  }

  private join(): void {
    const name = `worker-${++this.started}`;
    const client = createLogClient({
      ...{ log: this.log, membership: this.members, memberName: name, scheduler: this.time },
      // A worker that died is expected to complain.
      logger: { warn: () => undefined },
    });
    this.clients.set(name, client);
    client
      .changes('Account', {
        replay: { store: this.store, name: 'sync' },
        lease: this.leases.leaseOf(name),
      })
      .subscribe();
  }

  private async phase(what: string, happen: () => Promise<void>): Promise<Phase> {
    this.leases.takeCalls();
    this.members.takeLooks();
    const moves = this.leases.moves;
    const startedAt = this.time.now();
    const without = this.watch();
    await happen();
    let waitedMs = 0;
    while (!this.isSettled() && waitedMs < LONGEST_MS) {
      await this.time.pass(STEP_MS);
      waitedMs += STEP_MS;
    }
    const longestWithoutMs = without();
    const tookMs = this.time.now() - startedAt;
    const perSecond = (count: number) => count / (tookMs / 1000);
    const { acquire, renew, release } = this.leases.takeCalls();
    const sizes = [...this.shares().values()];
    return {
      ...{ what, tookMs, longestWithoutMs, moved: this.leases.moves - moves },
      calls: {
        ...{ acquire: perSecond(acquire), renew: perSecond(renew), release: perSecond(release) },
        look: perSecond(this.members.takeLooks()),
      },
      shares: [Math.min(...sizes), Math.max(...sizes)],
    };
  }

  /**
   * Watches how long partitions are without a reader. The function that it returns ends that, and tells the longest.
   */
  private watch(): () => number {
    const since = new Map<number, number>();
    let longestMs = 0;
    const look = () => {
      const held = this.leases.held();
      for (let partition = 0; partition < this.options.partitions; partition++) {
        // One that died still has its leases for a while.
        if (this.clients.has(held.get(`${TOPIC}#${partition}`) ?? '')) since.delete(partition);
        else if (!since.has(partition)) since.set(partition, this.time.now());
        longestMs = Math.max(longestMs, this.time.now() - (since.get(partition) ?? this.time.now()));
      }
    };
    const watching = this.time.schedule(function again() {
      look();
      this.schedule(undefined, STEP_MS);
    });
    return () => {
      watching.unsubscribe();
      return longestMs;
    };
  }

  /** Whether each partition has a reader that is alive, and all have as many, or one more. */
  private isSettled(): boolean {
    const sizes = [...this.shares().values()];
    const total = sizes.reduce((sum, size) => sum + size, 0);
    return total === this.options.partitions && Math.max(...sizes) - Math.min(...sizes) <= 1;
  }

  private shares(): ReadonlyMap<string, number> {
    const shares = new Map([...this.clients.keys()].map((name) => [name, 0]));
    for (const member of this.leases.held().values()) {
      const share = shares.get(member);
      if (share !== undefined) shares.set(member, share + 1);
    }
    return shares;
  }
}

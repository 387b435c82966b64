import { setTimeout } from 'node:timers/promises';
import type { Cluster, Redis } from 'ioredis';
import { versionOf } from './log-position.js';
import type { RedisConnection } from './redis-connection.js';

/**
 * How long one call waits for entries, in milliseconds. Those who begin to wait meanwhile are looked for in the next.
 */
const BLOCK_MS = 500;
/** How much longer its answer may take before the connection counts as dead, in milliseconds. */
const DEAD_AFTER_MS = 5_000;
/** How long those that begin to wait at the same time are collected, in milliseconds. */
const COLLECT_MS = 2;

/** Somebody who waits for an entry after an id. */
interface Waiter {
  readonly id: string;
  readonly wake: () => void;
}

/**
 * Wakes those who wait for entries of the partitions of one topic. One connection of its own waits for all of them,
 * from the first reading to the end of the last.
 *
 * Nobody is forgotten. Each call looks for entries after the ids that were read last, so what came before the call is
 * found, too. Where the connection fails or does not answer, all are woken: they then look for themselves, and report
 * what is wrong.
 */
export class LogWaker {
  private readonly waiters = new Map<string, Waiter>();
  private redis: Redis | Cluster | undefined;
  private readings = 0;
  private isWaiting = false;

  constructor(private readonly connection: RedisConnection) {}

  /** A reading begins. Returns the function to call at its end. */
  begin(): () => void {
    this.readings++;
    return () => {
      if (--this.readings === 0) this.disconnect();
    };
  }

  /**
   * Calls `wake` once there is an entry after the id in this stream, or perhaps. Replaces the waiter of this reading.
   */
  wait(reading: string, id: string, wake: () => void): void {
    this.waiters.set(reading, { id, wake });
    if (!this.isWaiting) void this.run();
  }

  /** Waits no more. */
  forget(reading: string): void {
    this.waiters.delete(reading);
  }

  /** Ends the connection. Those who wait are woken. */
  close(): void {
    this.disconnect();
  }

  private async run(): Promise<void> {
    this.isWaiting = true;
    await setTimeout(COLLECT_MS);
    while (this.waiters.size > 0) {
      const asked = [...this.waiters];
      const woken = await this.look(asked);
      for (const [reading, waiter] of asked) {
        if (!woken(streamOf(reading)) || this.waiters.get(reading) !== waiter) continue;
        this.waiters.delete(reading);
        waiter.wake();
      }
      // Those who were woken read first, so that the next call has all who still wait.
      if (this.waiters.size > 0) await setTimeout(COLLECT_MS);
    }
    this.isWaiting = false;
  }

  /** Waits for entries. Returns which streams have any; all of them where that is not known. */
  private async look(asked: readonly (readonly [string, Waiter])[]): Promise<(stream: string) => boolean> {
    const streams = new Map<string, string>();
    for (const [reading, { id }] of asked) {
      const stream = streamOf(reading);
      const other = streams.get(stream);
      // Of several readings of a stream, the one furthest back.
      if (other === undefined || versionOf(id) < versionOf(other)) streams.set(stream, id);
    }
    const end = new AbortController();
    try {
      const redis = (this.redis ??= this.connection.duplicate());
      const call = redis.xread(
        ...(['COUNT', 1, 'BLOCK', BLOCK_MS, 'STREAMS'] as const),
        ...[...streams.keys(), ...streams.values()],
      );
      const answer = await Promise.race([call, deadAfter(BLOCK_MS + DEAD_AFTER_MS, end.signal)]);
      const names = (answer ?? []).map(([name]) => name);
      // The names have the prefix of ioredis, where it has one.
      return (stream) => names.some((name) => name.endsWith(stream));
    } catch {
      this.disconnect();
      // Not at once again: without a server, each call fails at once.
      await setTimeout(BLOCK_MS);
      return () => true;
    } finally {
      end.abort();
    }
  }

  private disconnect(): void {
    this.redis?.disconnect();
    this.redis = undefined;
  }
}

/** The key of the stream in the name of a reading. */
function streamOf(reading: string): string {
  return reading.slice(reading.indexOf(' ') + 1);
}

async function deadAfter(ms: number, signal: AbortSignal): Promise<never> {
  await setTimeout(ms, undefined, { signal });
  throw new Error('The connection does not answer.');
}

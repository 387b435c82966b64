import { replayStoreContract } from '@rxforce/core/testing';
import type { Cluster, Redis } from 'ioredis';
import { redisReplayStore } from '../../src/redis-replay-store.js';

/** Runs the contract on what a client reaches. Every case has keys of its own. */
export function fulfilsTheContract(client: () => Redis | Cluster): void {
  let prefix = 0;
  // No lock is renewed while the tests run.
  const open = () => redisReplayStore(client(), { prefix: `contract-${prefix}`, lockTtlMs: 600_000 });
  const next = () => {
    prefix++;
  };
  for (const { name, run } of replayStoreContract({ open, reopen: open, dispose: next })) it(name, run);
}

import { createLogClient, memoryReplayStore, type EventLog, type LogClientOptions, type Status } from '@rxforce/core';
import { memoryEventLog, type MemoryEventLog } from '@rxforce/core/testing';
import type { Emulator } from '@rxforce/emulator';
import { withEmulator } from './emulated.js';
import { fill } from './filled-log.js';
import { MemoryLeases } from './memory-lease.js';
import { MemoryMembership } from './memory-membership.js';

export const PARTITIONS = 8;
const quiet = { logger: { warn: () => undefined } };

/** Runs a test with a log that has so many changes. */
export function withLog(
  changes: number,
  test: (log: MemoryEventLog, emulator: Emulator, more: (count: number) => Promise<void>) => Promise<void>,
  options: Parameters<typeof memoryEventLog>[0] = {},
): Promise<void> {
  return withEmulator(async (emulator, client) => {
    const log = memoryEventLog({ partitions: PARTITIONS, ...options });
    let made = 0;
    const more = async (count: number) => {
      for (let index = 0; index < count; index++) emulator.org.create('Account', { Name: `account ${made++}` });
      await fill(client, log, made);
    };
    await more(changes);
    await test(log, emulator, more);
  });
}

/** A client, and what it was told. */
export function reader(log: EventLog, options: Partial<LogClientOptions> = {}) {
  const client = createLogClient({ log, ...quiet, ...options });
  const statuses: Status[] = [];
  client.status$.subscribe((status) => statuses.push(status));
  return { client, statuses, ofType: (type: Status['type']) => statuses.filter((status) => status.type === type) };
}

/** Two members of one group over one store. */
export function members(log: EventLog, ttlMs = 300) {
  const membership = new MemoryMembership();
  const leases = new MemoryLeases(ttlMs);
  const store = memoryReplayStore();
  const member = (memberName: string) => {
    const { client, ...rest } = reader(log, { membership, memberName });
    const changes$ = () =>
      client.changes('Account', { replay: { store, name: 'sync', commitIntervalMs: 0 }, lease: leases.lease() });
    return { client, changes$, ...rest };
  };
  return { member, leases };
}

import { useFakeTimers } from 'sinon';
import type { Emulator, EmulatorOptions } from '../../src/index.js';
import type { RawClient } from './raw-client.js';
import { withEmulator } from './with-emulator.js';

/** Lets so many milliseconds pass, at once. */
export type Pass = (ms: number) => void;

/**
 * Runs a test as `withEmulator` does, in which time passes only where the test says so: on a machine that stands still
 * for a while, nobody is too late.
 */
export function withOwnTime(
  options: EmulatorOptions,
  test: (emulator: Emulator, client: RawClient, pass: Pass) => Promise<void>,
): Promise<void> {
  return withEmulator(options, (emulator, client) => inOwnTime((pass) => test(emulator, client, pass)));
}

/** Runs something in which time passes only where it says so. Timers that are set before are of the real time. */
export async function inOwnTime(work: (pass: Pass) => Promise<void>): Promise<void> {
  const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], shouldClearNativeTimers: true });
  try {
    await work((ms) => void clock.tick(ms));
  } finally {
    clock.restore();
  }
}

import { setImmediate } from 'node:timers/promises';

/** Longer than any test waits for anything, in milliseconds. */
const LONGEST_WAIT_MS = 10_000;

/** Waits until something is so, and gives up when that takes longer than any test may. */
export async function until(isSo: () => boolean): Promise<void> {
  const startedAt = performance.now();
  while (!isSo()) {
    if (performance.now() - startedAt > LONGEST_WAIT_MS) {
      throw new Error(`Waited ${LONGEST_WAIT_MS} ms in vain for: ${isSo.toString()}`);
    }
    await setImmediate();
  }
}

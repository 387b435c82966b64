import { setTimeout } from 'node:timers/promises';

/** How often a condition is looked at, in milliseconds. */
export const ASK_INTERVAL_MS = 10;

/** A condition that other processes bring about: looked at until it holds. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await setTimeout(ASK_INTERVAL_MS);
}

import { filter, firstValueFrom, type Observable } from 'rxjs';
import type { Status } from '@rxforce/core';
import type { SteppedTime } from '../../support/stepped-time.js';

/** The next status of a type. */
export function nextStatus<Type extends Status['type']>(
  status$: Observable<Status>,
  type: Type,
): Promise<Extract<Status, { type: Type }>> {
  return firstValueFrom(
    status$.pipe(filter((status): status is Extract<Status, { type: Type }> => status.type === type)),
  );
}

/** Waits until something is so, looking in each turn of the event loop; the test's time limit ends a wait in vain. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 1));
}

/**
 * Waits until something is so, as {@link until}. In each turn so much time passes for a client that has its time from
 * `time`, and none by itself, however slow the machine is.
 */
export async function untilInTurns(time: SteppedTime, turnMs: number, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await time.pass(turnMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

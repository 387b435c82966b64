import { delay as rxDelay, map, merge, of, timer, type OperatorFunction } from 'rxjs';
import { delivered, runMarbles, type MarbleHelpers } from '@rxforce/core/testing';
import { handle } from '../../src/handle.js';

/** Says when a while is over. */
export const after = (ms: number) => () => timer(ms);

/** Says when each of these times has come. */
export const at = (...times: number[]) => merge(...times.map((ms) => timer(ms).pipe(map(() => ms))));

/** Work that takes 3 ms, and gives the value back. */
export const save = <T>(value: T) => of(value).pipe(rxDelay(3));

/** A text with another one at its end. */
export const append = (state: string, value: string) => state + value;

/** A pipeline over marbles, and what became of its events. */
export interface Life {
  readonly marbles: string;
  readonly through: OperatorFunction<string, unknown>;
  readonly window?: number;
  readonly unsubscribeAt?: number;
}

/** Lives it, and tells what was emitted and settled when, as `a5`, and what was left. */
export function live(
  { marbles, through, window = Infinity, unsubscribeAt }: Life,
  look?: (helpers: MarbleHelpers) => void,
) {
  const emitted: string[] = [];
  const errors: unknown[] = [];
  let settled: readonly string[] = [];
  let left: readonly string[] = [];
  runMarbles((helpers) => {
    const { cold, scheduler, flush } = helpers;
    const source = delivered<string>(cold(marbles), scheduler, { window });
    const subscription = source.values.pipe(through).subscribe({
      next: (value) => emitted.push(`${[value].flat(9).join('')}${scheduler.now()}`),
      error: (error: unknown) => errors.push(error),
    });
    if (unsubscribeAt !== undefined) scheduler.schedule(() => subscription.unsubscribe(), unsubscribeAt);
    look?.(helpers);
    flush();
    settled = source.settled.map(({ value, at: time }) => `${value}${time}`);
    left = source.unsettled();
  });
  return { emitted, settled, left, errors };
}

/** Work that takes a while. */
export const slowly = handle(<T>(value: T) => of(value).pipe(rxDelay(3)));

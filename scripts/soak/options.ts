import { parseArgs } from 'node:util';

/** How a soak is run. */
export interface SoakOptions {
  /** How long, in minutes; more than 0. */
  readonly minutes: number;
  /** Events that the org makes in a second; more than 0. */
  readonly eventsPerSecond: number;
}

export const USAGE = `npm run soak [-- --minutes N] [--rate N]

  --minutes N  how long, 60 by default
  --rate N     events a second, 50 by default

Ends with 1 where the heap of the client grows.`;

/** Reads the command line. Throws where it is wrong. */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string', default: '60' }, rate: { type: 'string', default: '50' } },
  });
  return { minutes: positive('--minutes', values.minutes), eventsPerSecond: positive('--rate', values.rate) };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new RangeError(`${name} is "${text}", but must be a number above 0.`);
}

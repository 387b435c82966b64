import { isDeepStrictEqual, inspect } from 'node:util';

/** What a reader made of an input: a value, or nothing, as it refused it. */
export type Outcome = { readonly value: unknown } | { readonly refused: string };

/** Reads, and catches a refusal. */
export function outcomeOf(read: () => unknown): Outcome {
  try {
    return { value: read() };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

/** An input that two readers do not agree on. */
export class Finding extends Error {
  constructor(what: string, input: Buffer, ours: Outcome, theirs: Outcome) {
    super(`${what}\ninput  ${input.toString('hex')}\nours   ${shown(ours)}\ntheirs ${shown(theirs)}`);
  }
}

/** A value that can be compared: without the classes that readers give to records, and with bytes as text. */
export function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  // In a list, as `__proto__` may be a name.
  return Object.keys(value)
    .sort()
    .map((name) => [name, plain((value as Record<string, unknown>)[name])]);
}

/** Whether both have read the same value. */
export function agree(ours: Outcome, theirs: Outcome): boolean {
  return 'value' in ours && 'value' in theirs && isDeepStrictEqual(ours.value, theirs.value);
}

function shown(outcome: Outcome): string {
  return 'value' in outcome ? inspect(outcome.value, { depth: 8, breakLength: 200 }) : `refused: ${outcome.refused}`;
}

/** How often readers agreed, and otherwise what ours did. */
export interface Tally {
  readonly name: string;
  inputs: number;
  /** Both read the same value. */
  same: number;
  /** Both refused it. */
  bothRefused: number;
  /** Ours refused what the other read, as it must where they would differ. */
  oursRefused: number;
}

/** A tally of nothing. */
export function newTally(name: string): Tally {
  return { name, inputs: 0, same: 0, bothRefused: 0, oursRefused: 0 };
}

/**
 * Adds an input to a tally.
 *
 * @param isWhole - Whether the other has written it, and nothing of it was broken: then ours must read it.
 * @throws `Finding` when ours read what the other refused, or another value; or refused what is whole.
 */
export function count(tally: Tally, input: Buffer, ours: Outcome, theirs: Outcome, isWhole = false): void {
  tally.inputs++;
  if (agree(ours, theirs)) tally.same++;
  else if (isWhole || 'value' in ours) throw new Finding(`${tally.name}: the two differ`, input, ours, theirs);
  else if ('value' in theirs) tally.oursRefused++;
  else tally.bothRefused++;
}

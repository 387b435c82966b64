import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { OperatorFunction } from 'rxjs';
import { delivered, runMarbles, type DeliveryLogEntry } from '@rxforce/core/testing';

/** The diagram of an operator's doc comment. */
interface Diagram {
  readonly source: string;
  readonly result: string;
  /** When each value of the source is settled, where the values come from a rxforce stream. */
  readonly settled: string | undefined;
}

/** Reads the first diagram of the doc comment in `src/<file>`. */
function diagramOf(file: string): Diagram {
  const text = readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), 'utf8');
  const block = /```marble\n([\s\S]*?)```/.exec(text)?.[1];
  const marbles = (name: string) => new RegExp(`\\* ${name}\\s+(\\S+)`).exec(block ?? '')?.[1];
  const [source, result] = [marbles('source'), marbles('result')];
  if (!source || !result) throw new Error(`${file} has no diagram with a source and a result.`);
  return { source, result, settled: marbles('settled') };
}

/**
 * Runs an operator over the marbles of its doc comment, and compares what comes out with them, and what is settled
 * when. The values are delivered as a rxforce client delivers events. A diagram without a line of settlements fails
 * with the line that it should have.
 */
export function runDiagram<T, R>(
  file: string,
  operator: OperatorFunction<T, R>,
  values: { readonly source?: Record<string, T>; readonly result?: Record<string, R> } = {},
): void {
  const { source, result, settled } = diagramOf(file);
  runMarbles(({ hot, scheduler, expectObservable, expectSettled, flush }) => {
    const deliveries = delivered(hot<T>(source, values.source), scheduler);
    expectObservable(deliveries.values.pipe(operator)).toBe(result, values.result);
    if (settled !== undefined) {
      expectSettled(deliveries).toBe(settled, values.source);
      return;
    }
    flush();
    const seen = marblesOf(deliveries.settled, values.source, Math.max(source.length, result.length));
    throw new Error(`The diagram in ${file} needs the line:\n * settled ${seen}`);
  });
}

/** Writes what was settled as marbles. */
function marblesOf<T>(
  settled: readonly DeliveryLogEntry<T>[],
  values: Readonly<Record<string, T>> | undefined,
  length: number,
): string {
  const nameOf = (value: T) => Object.keys(values ?? {}).find((name) => values?.[name] === value) ?? String(value);
  const times = [...new Set(settled.map(({ at }) => at))];
  const marbles = times.reduce((written, time) => {
    const names = settled.filter(({ at }) => at === time).map(({ value }) => nameOf(value));
    return written.padEnd(time, '-') + (names.length > 1 ? `(${names.join('')})` : names.join(''));
  }, '');
  return marbles.padEnd(length, '-');
}

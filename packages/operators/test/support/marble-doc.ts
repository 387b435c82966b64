import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { OperatorFunction } from 'rxjs';
import { runMarbles } from '@rxforce/core/testing';

/** The diagram of an operator's doc comment. */
interface Diagram {
  readonly source: string;
  readonly result: string;
}

/** Reads the first diagram of the doc comment in `src/<file>`. */
function diagramOf(file: string): Diagram {
  const text = readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), 'utf8');
  const block = /```marble\n([\s\S]*?)```/.exec(text)?.[1];
  const marbles = (name: string) => new RegExp(`\\* ${name}\\s+(\\S+)`).exec(block ?? '')?.[1];
  const [source, result] = [marbles('source'), marbles('result')];
  if (!source || !result) throw new Error(`${file} has no diagram with a source and a result.`);
  return { source, result };
}

/** Runs an operator over the marbles of its doc comment, and compares what comes out with them. */
export function runDiagram<T, R>(
  file: string,
  operator: OperatorFunction<T, R>,
  values: { readonly source?: Record<string, T>; readonly result?: Record<string, R> } = {},
): void {
  const { source, result } = diagramOf(file);
  runMarbles(({ hot, expectObservable }) => {
    expectObservable(hot<T>(source, values.source).pipe(operator)).toBe(result, values.result);
  });
}

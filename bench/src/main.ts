/**
 * Measures rxforce beside other ways to receive change events. See the README beside `src`.
 *
 * @packageDocumentation
 */
import { cpus } from 'node:os';
import { measureMemory } from './measure-memory.js';
import { measureScenario } from './measure-scenario.js';
import { parseOptions, USAGE, type BenchOptions } from './options.js';
import type { BenchFigures, ScenarioFigures } from './report/figures.js';
import { textOf } from './report/text.js';
import { MEMORY, SCENARIOS } from './scenarios.js';

/** Progress goes to stderr, so that stdout is the result alone. */
const tell = (line: string) => void process.stderr.write(`${line}\n`);

async function measure(options: BenchOptions): Promise<BenchFigures> {
  const scenarios: ScenarioFigures[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => options.scenarios.includes(name))) {
    scenarios.push(await measureScenario(scenario, options, tell));
  }
  const memory = options.scenarios.includes(MEMORY.name) ? await measureMemory(tell) : undefined;
  const processors = cpus();
  return {
    node: process.version,
    processor: processors[0]?.model.trim() ?? 'unknown processor',
    processors: processors.length,
    runs: options.runs,
    scenarios,
    ...(memory && { memory }),
  };
}

function optionsOrExit(): BenchOptions {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(1);
  }
}

const options = optionsOrExit();
const figures = await measure(options);
console.log(options.json ? JSON.stringify(figures, undefined, 2) : textOf(figures));

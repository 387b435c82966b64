/**
 * Measures rxforce beside other ways to receive change events. See the README beside `src`.
 *
 * @packageDocumentation
 */
import { cpus } from 'node:os';
import { measureScenario } from './measure-scenario.js';
import { parseOptions, USAGE, type BenchOptions } from './options.js';
import type { BenchFigures, ScenarioFigures } from './report/figures.js';
import { keepFigures } from './report/keep.js';
import { textOf } from './report/text.js';
import { quickly, SCENARIOS } from './scenarios.js';

/** Progress goes to stderr, so that stdout is the result alone. */
const tell = (line: string) => void process.stderr.write(`${line}\n`);

async function measure(options: BenchOptions): Promise<BenchFigures> {
  const date = new Date().toISOString();
  const scenarios: ScenarioFigures[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => options.scenarios.includes(name))) {
    scenarios.push(await measureScenario(options.quick ? quickly(scenario) : scenario, options, tell));
  }
  const processors = cpus();
  return {
    date,
    node: process.version,
    processor: processors[0]?.model.trim() ?? 'unknown processor',
    processors: processors.length,
    quick: options.quick,
    runs: options.runs,
    scenarios: scenarios.filter(({ clients }) => clients.length > 0),
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
if (options.json) tell(`Kept in ${await keepFigures(figures)}`);
console.log(options.json ? JSON.stringify(figures, undefined, 2) : textOf(figures));

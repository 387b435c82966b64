import { parseArgs } from 'node:util';
import { CLIENT_NAMES, type ClientName } from './clients.js';
import { SCENARIO_NAMES, SCENARIOS } from './scenarios.js';

/** What is run, and how it is shown. */
export interface BenchOptions {
  readonly runs: number;
  readonly scenarios: readonly string[];
  readonly clients: readonly ClientName[];
  /** Whether runs are short: for a look, not for a figure that is quoted. */
  readonly quick: boolean;
  /** Whether the result is shown as JSON and kept. */
  readonly json: boolean;
  /** A folder that gets a CPU profile of each client's run. */
  readonly profile?: string;
}

/** How the command is used. */
export const USAGE = `npm run bench -- [--runs N] [--scenario NAME]... [--client NAME]... [--quick] [--json] [--profile FOLDER]

  --runs N          runs of each client, whose median counts (5, with --quick 1)
  --scenario NAME   only this: ${SCENARIO_NAMES.join(', ')}
  --client NAME     only this: ${CLIENT_NAMES.join(', ')}
  --quick           short runs of what matters, in under a minute
  --json            the result as JSON, which is also kept in bench/results
  --profile FOLDER  write a CPU profile of each client process`;

/**
 * Reads the command line.
 *
 * @throws `Error` when it cannot be right.
 */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string' },
      scenario: { type: 'string', multiple: true },
      client: { type: 'string', multiple: true, default: [...CLIENT_NAMES] },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const { quick, json, runs = quick ? '1' : '5', scenario = defaultScenarios(quick) } = values;
  if (!/^[1-9]\d*$/.test(runs)) throw new Error(`--runs is ${runs}, but must be a whole number from 1.`);
  requireKnown('--scenario', scenario, SCENARIO_NAMES);
  requireKnown('--client', values.client, CLIENT_NAMES);
  return {
    runs: Number(runs),
    scenarios: scenario,
    clients: CLIENT_NAMES.filter((name) => values.client.includes(name)),
    quick,
    json,
    ...(values.profile !== undefined && { profile: values.profile }),
  };
}

function defaultScenarios(quick: boolean): readonly string[] {
  return SCENARIOS.filter((scenario) => scenario.quick || !quick).map(({ name }) => name);
}

function requireKnown(option: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${option} is "${unknown}", but must be one of ${known.join(', ')}.`);
}

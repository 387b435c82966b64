import { parseArgs } from 'node:util';
import { CLIENT_NAMES, type ClientName } from './clients.js';
import { SCENARIO_NAMES } from './scenarios.js';

/** What is run, and how it is shown. */
export interface BenchOptions {
  readonly runs: number;
  readonly scenarios: readonly string[];
  readonly clients: readonly ClientName[];
  readonly json: boolean;
  /** A folder that gets a CPU profile of each client's run. */
  readonly profile?: string;
}

/** How the command is used. */
export const USAGE = `npm run bench -- [--runs N] [--scenario NAME]... [--client NAME]... [--json] [--profile FOLDER]

  --runs N          runs of each client, whose median counts (5)
  --scenario NAME   only this: ${SCENARIO_NAMES.join(', ')}
  --client NAME     only this: ${CLIENT_NAMES.join(', ')}
  --json            the result as JSON
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
      runs: { type: 'string', default: '5' },
      scenario: { type: 'string', multiple: true, default: [...SCENARIO_NAMES] },
      client: { type: 'string', multiple: true, default: [...CLIENT_NAMES] },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) {
    throw new Error(`--runs is ${values.runs}, but must be a whole number from 1.`);
  }
  requireKnown('--scenario', values.scenario, SCENARIO_NAMES);
  requireKnown('--client', values.client, CLIENT_NAMES);
  return {
    runs,
    scenarios: values.scenario,
    clients: CLIENT_NAMES.filter((name) => values.client.includes(name)),
    json: values.json,
    ...(values.profile !== undefined && { profile: values.profile }),
  };
}

function requireKnown(option: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${option} is "${unknown}", but must be one of ${known.join(', ')}.`);
}

import { CLIENTS, type Client, type ClientName } from './clients.js';
import { figureOf } from './figure-of.js';
import { median } from './median.js';
import type { BenchOptions } from './options.js';
import type {
  ClientParameters,
  ClientResult,
  Measurement,
  ServerAddress,
  ServerParameters,
} from './processes/messages.js';
import { runProcess, startProcess } from './processes/parent-side.js';
import type { ClientFigures, ScenarioFigures, TargetFigures } from './report/figures.js';
import type { Scenario } from './scenarios.js';

/** Runs the clients of a scenario in turn, again and again, against one server. */
export async function measureScenario(
  scenario: Scenario,
  options: BenchOptions,
  tell: (line: string) => void,
): Promise<ScenarioFigures> {
  const names = scenario.clients.filter((name) => options.clients.includes(name));
  const results = new Map<ClientName, ClientResult[]>(names.map((name) => [name, []]));
  const parameters: ServerParameters = { delayMs: scenario.delayMs };
  const server = await startProcess<ServerAddress>({ module: 'server/server.js', parameters });
  const runs = options.runs * scenario.repeats;
  try {
    for (let run = 1; run <= runs; run++) {
      for (const [name, ofClient] of results) {
        const result = await runClient(name, scenario, server.message, options.profile);
        ofClient.push(result);
        tell(`${scenario.name}, run ${run} of ${runs}, ${name}: ${progressOf(scenario, result)}`);
      }
    }
  } finally {
    await server.stop();
  }
  return {
    name: scenario.name,
    title: scenario.title,
    clients: names.map((name) => clientFigures(name, scenario, results)),
    targets: targetsOf(scenario, results),
  };
}

async function runClient(
  name: ClientName,
  { firstEventOnly, warmUp, measured, workMs }: Scenario,
  { endpoint, ca }: ServerAddress,
  profile: string | undefined,
): Promise<ClientResult> {
  const { module, parameters, execArgv = [] }: Client = CLIENTS[name];
  const common: ClientParameters = { endpoint, ca, firstEventOnly, warmUp, measured, workMs };
  const result = await runProcess<ClientResult>({
    module: `clients/${module}.js`,
    parameters: { ...common, ...parameters },
    execArgv: [...execArgv, ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${name}`])],
  });
  if (result.problem !== undefined) throw new Error(`${name} read the events wrongly. ${result.problem}`);
  return result;
}

function progressOf({ figures: [first] }: Scenario, result: ClientResult): string {
  return first ? `${first.measurement} ${(result[first.measurement] ?? NaN).toFixed(2)}` : '';
}

function clientFigures(
  client: ClientName,
  { figures }: Scenario,
  results: ReadonlyMap<ClientName, readonly ClientResult[]>,
): ClientFigures {
  const runs = results.get(client) ?? [];
  const measurements = new Set(runs.flatMap((run) => Object.keys(run) as Measurement[]));
  return {
    client,
    medians: Object.fromEntries([...measurements].map((name) => [name, median(runs.map((run) => run[name] ?? NaN))])),
    shown: figures.map((figure) => ({ ...figure, value: figureOf(figure, client, results) ?? null })),
    runs,
  };
}

function targetsOf(
  { targets }: Scenario,
  results: ReadonlyMap<ClientName, readonly ClientResult[]>,
): readonly TargetFigures[] {
  return targets.flatMap((target) => {
    const value = figureOf(target, target.client, results);
    if (value === undefined) return [];
    return [{ ...target, value, met: target.bound === 'at most' ? value <= target.wanted : value >= target.wanted }];
  });
}

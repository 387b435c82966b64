import type { ClientName } from './clients.js';
import { median } from './median.js';
import type { BenchOptions } from './options.js';
import type { ClientParameters, ClientResult, ServerAddress, ServerParameters } from './processes/messages.js';
import { runProcess, startProcess } from './processes/parent-side.js';
import type { ClientFigures, ScenarioFigures, TargetFigures } from './report/figures.js';
import { MAX_EVENTS, type Scenario } from './scenarios.js';

/** Runs the clients of a scenario in turn, again and again, against one server. */
export async function measureScenario(
  scenario: Scenario,
  options: BenchOptions,
  tell: (line: string) => void,
): Promise<ScenarioFigures> {
  const clients = scenario.clients.filter((client) => options.clients.includes(client));
  const results = new Map<ClientName, ClientResult[]>(clients.map((client) => [client, []]));
  const parameters: ServerParameters = { delayMs: scenario.delayMs };
  const server = await startProcess<ServerAddress>({ module: 'server/server.js', parameters });
  try {
    for (let run = 1; run <= options.runs; run++) {
      for (const [client, ofClient] of results) {
        if (run > 1 && scenario.onceOnly.includes(client)) continue;
        const result = await runClient(client, scenario, server.message, options.profile);
        ofClient.push(result);
        tell(
          `${scenario.name}, run ${run} of ${options.runs}: ${client} ${Math.round(result.eventsPerSecond)} events/s`,
        );
      }
    }
  } finally {
    await server.stop();
  }
  const figures = [...results].map(([client, ofClient]) => figuresOf(client, ofClient));
  return { name: scenario.name, title: scenario.title, clients: figures, targets: targetsOf(scenario, figures) };
}

async function runClient(
  client: ClientName,
  { warmUpMs, measureMs, workMs }: Scenario,
  { endpoint, ca }: ServerAddress,
  profile: string | undefined,
): Promise<ClientResult> {
  const result = await runProcess<ClientResult>({
    module: `clients/${client}.js`,
    parameters: { endpoint, ca, warmUpMs, measureMs, workMs, maxEvents: MAX_EVENTS } satisfies ClientParameters,
    execArgv: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${client}`],
  });
  if (result.problem !== undefined) throw new Error(`${client} read the events wrongly. ${result.problem}`);
  return result;
}

function figuresOf(client: ClientName, runs: readonly ClientResult[]): ClientFigures {
  return {
    client,
    eventsPerSecond: median(runs.map(({ eventsPerSecond }) => eventsPerSecond)),
    cpuMicrosPerEvent: median(runs.map(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent)),
    peakRssMb: median(runs.map(({ peakRssMb }) => peakRssMb)),
    runs,
  };
}

function targetsOf({ targets }: Scenario, figures: readonly ClientFigures[]): TargetFigures[] {
  const rateOf = (name: ClientName) => figures.find(({ client }) => client === name)?.eventsPerSecond;
  return targets.flatMap(({ client, to, least }) => {
    const rates = { client: rateOf(client), to: rateOf(to) };
    if (rates.client === undefined || rates.to === undefined) return [];
    const ratio = rates.client / rates.to;
    return [{ what: `${client} / ${to}`, value: ratio, target: `at least ${least}`, met: ratio >= least }];
  });
}

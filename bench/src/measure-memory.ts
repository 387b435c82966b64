import type { MemoryParameters, MemoryResult, ServerAddress, ServerParameters } from './processes/messages.js';
import { runProcess, startProcess } from './processes/parent-side.js';
import type { MemoryFigures } from './report/figures.js';
import { MEMORY } from './scenarios.js';

/** Measures how much a process grows with each subscription: idle ones, and ones with a window full of events. */
export async function measureMemory(tell: (line: string) => void): Promise<MemoryFigures> {
  const { name, title, subscriptions, eventsEach, mostMbEach } = MEMORY;
  const parameters: ServerParameters = { delayMs: 0, eventsPerStream: eventsEach };
  const server = await startProcess<ServerAddress>({ module: 'server/server.js', parameters });
  const measure = async (holding: boolean): Promise<MemoryResult> => {
    const result = await runProcess<MemoryResult>({
      module: 'clients/many-subscriptions.js',
      parameters: { ...server.message, subscriptions, eventsEach, holding } satisfies MemoryParameters,
      execArgv: ['--expose-gc'],
    });
    tell(`${name}, ${holding ? 'windows full' : 'idle'}: ${result.rssMb.toFixed(2)} MB each`);
    return result;
  };
  try {
    const idle = await measure(false);
    const full = await measure(true);
    const target = (what: string, { rssMb }: MemoryResult) => ({
      what,
      value: rssMb,
      target: `less than ${mostMbEach} MB`,
      met: rssMb < mostMbEach,
    });
    return { name, title, idle, full, targets: [target('idle', idle), target('with a full window', full)] };
  } finally {
    await server.stop();
  }
}

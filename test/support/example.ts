import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bundled, localEnvironment } from './bundled.js';

/** How an example is run. */
export interface ExampleRun {
  /** Its scripts: the one that is started, and those that it starts as processes. */
  readonly scripts: readonly URL[];
  readonly args?: readonly string[];
  /** What is added to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Runs an example, and gives what it prints. It rejects when the example fails, with what it printed until then: that
 * says how far it came.
 */
export async function runExample({ scripts, args = [], environment, timeoutMs }: ExampleRun): Promise<string> {
  const parts = [...scripts.map((script) => bundled(script)), ...args];
  const env = { ...localEnvironment(), ...environment };
  try {
    return (await promisify(execFile)(process.execPath, parts, { timeout: timeoutMs, env })).stdout;
  } catch (cause) {
    const { stdout, stderr } = cause as { readonly stdout: string; readonly stderr: string };
    throw new Error(`The example has failed.\n${stdout}\n${stderr}`, { cause });
  }
}

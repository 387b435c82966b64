import { spawn } from 'node:child_process';
import type { Emulator } from '@rxforce/emulator';
import { runCodegen } from '../../src/command/run-codegen.js';
import { bundled } from '../../../../test/support/bundled.js';

const COMMAND = new URL('../../src/cli.ts', import.meta.url);

/** What became of a command. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `rxforce-codegen` as a process, with nothing in its environment but what is given. */
export function rxforceCodegen(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Ended> {
  const child = spawn(process.execPath, [bundled(COMMAND), ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

/** Runs the command in this process: the same, but for the process around it. */
export async function rxforceCodegenHere(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  const code = await runCodegen({
    args,
    environment,
    print: (text) => (stdout += text),
    complain: (text) => (stderr += text),
  });
  return { code, stdout, stderr };
}

/** The environment that names an emulator without TLS, and a session of its. */
export function environmentOf({ grpcEndpoint, credentials }: Emulator): Record<string, string> {
  return {
    RXFORCE_ACCESS_TOKEN: credentials.accessToken,
    RXFORCE_INSTANCE_URL: credentials.instanceUrl,
    RXFORCE_ENDPOINT: grpcEndpoint,
    RXFORCE_INSECURE: '1',
  };
}

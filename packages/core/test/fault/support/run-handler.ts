import { spawn } from 'node:child_process';
import type { Emulator } from '@rxforce/emulator';
import type { HandlerJob } from './handler-process.js';
import { AppendedLines } from '../../../../../test/support/appended-lines.js';
import { bundledProgram, localEnvironment } from '../../../../../test/support/bundled.js';

/** How a handler process ended. */
export interface HandlerEnd {
  /** The events that it handled, in order. */
  readonly ids: readonly string[];
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
  readonly stderr: string;
}

/** When a handler process is killed: once it has handled so many events, or all of these, or after a time. */
export type Kill =
  { readonly afterEvents: number } | { readonly afterAll: readonly string[] } | { readonly afterMs: number };

/** Runs a handler process until it dies or is killed. */
export async function runHandler(
  { grpcEndpoint, httpUrl, ca, credentials }: Emulator,
  job: Pick<HandlerJob, 'replayFolder' | 'managed' | 'outputFile' | 'window' | 'handler'>,
  kill: Kill,
): Promise<HandlerEnd> {
  const script = bundledProgram(new URL('handler-process.ts', import.meta.url));
  const { clientId, clientSecret } = credentials;
  const wholeJob: HandlerJob = {
    endpoint: grpcEndpoint,
    ca: ca ?? '',
    loginUrl: httpUrl,
    clientId,
    clientSecret,
    ...job,
  };
  const child = spawn(process.execPath, [script, JSON.stringify(wholeJob)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: localEnvironment(),
  });
  let handled = 0;
  let stderr = '';
  if ('afterMs' in kill) setTimeout(() => child.kill('SIGKILL'), kill.afterMs);
  child.stdout.on('data', (dots: Buffer) => {
    handled += dots.length;
    if (isDue(kill, handled, job.outputFile)) child.kill('SIGKILL');
  });
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (code, by) => resolve([code, by])),
  );
  return { ids: new AppendedLines(job.outputFile).next(), signal, exitCode, stderr };
}

function isDue(kill: Kill, handled: number, outputFile: string): boolean {
  if ('afterEvents' in kill) return handled >= kill.afterEvents;
  if ('afterMs' in kill || handled < kill.afterAll.length) return false;
  const ids = new Set(new AppendedLines(outputFile).next());
  return kill.afterAll.every((id) => ids.has(id));
}

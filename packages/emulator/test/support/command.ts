import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EmulatorCredentials } from '../../src/index.js';
import { bundled, localEnvironment } from '../../../../test/support/bundled.js';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** What the command prints when it is ready. */
export interface ReadyLine {
  readonly grpcEndpoint: string;
  readonly httpUrl: string;
  readonly faultsUrl: string;
  readonly defineUrl: string;
  readonly ca?: string;
  readonly credentials: EmulatorCredentials;
}

/** How the command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command, run from its source. */
export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The first line it prints; rejects when it ends before. */
  readonly ready: Promise<ReadyLine>;

  constructor(...args: string[]) {
    // Without the dashes, Node 20 takes an --env-file of the command for one of its own.
    const node = ['--', bundled(new URL('../../src/cli.ts', import.meta.url))];
    const child = spawn(process.execPath, [...node, ...args], {
      ...{ cwd: PACKAGE, env: localEnvironment() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    this.child = child;
    this.ended = new Promise((resolve) =>
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
    );
    this.ready = new Promise((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (stdout.includes('\n')) resolve(JSON.parse(stdout.slice(0, stdout.indexOf('\n'))) as ReadyLine);
      });
      void this.ended.then(() => reject(new Error(`The command ended: ${stderr}`)));
    });
    this.ready.catch(() => undefined);
  }
}

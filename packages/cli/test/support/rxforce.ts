import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { PassThrough, type Writable } from 'node:stream';
import type { Emulator } from '@rxforce/emulator';
import { bundledProgram } from '../../../../test/support/bundled.js';
import { runCommand } from '../../src/command/program.js';

const COMMAND = new URL('../../src/bin.ts', import.meta.url);

/** What became of a command. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is started. */
export interface Start {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** Gets standard output, of a command in this process. */
  readonly output?: Writable;
  /** A command of the shell that reads standard output, such as `head -3`. */
  readonly reader?: string;
  /** A file that standard output goes to, such as `/dev/full`. */
  readonly into?: string;
}

/** How often a condition is looked at that no output tells of, in milliseconds. */
const LOOK_INTERVAL_MS = 50;

/** A command that runs as a process. */
export class RunningCommand {
  stdout = '';
  stderr = '';
  /** Settles when the process has ended and all of its output is here. */
  readonly ended: Promise<Ended>;
  private readonly changed = new EventEmitter();
  private readonly child;

  constructor(args: readonly string[], { environment = {}, cwd, input, ...redirection }: Start) {
    const [program, ...given] = commandOf(args, redirection);
    this.child = spawn(program, given, {
      env: { PATH: process.env.PATH, ...environment },
      ...(cwd !== undefined && { cwd }),
    });
    this.child.stdin.end(input ?? '');
    this.child.stdout.on('data', (chunk: Buffer) => this.took('stdout', chunk));
    this.child.stderr.on('data', (chunk: Buffer) => this.took('stderr', chunk));
    this.ended = once(this.child, 'close').then(([code]) => {
      this.changed.emit('change');
      return { code: code as number | null, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** The events on standard output so far. */
  get events(): readonly OutputEvent[] {
    const lines = this.stdout.split('\n').slice(0, -1);
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as OutputEvent);
  }

  /** Waits until what the command has written is as it should be. Rejects when the command ends before. */
  async until(isThere: (command: RunningCommand) => boolean): Promise<void> {
    while (!isThere(this)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`The command has ended: ${this.stderr}`);
      }
      await this.nextLook();
    }
  }

  /** At the next output, or soon: what is waited for may be elsewhere, as in a file. */
  private nextLook(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        clearTimeout(timer);
        this.changed.off('change', look);
        resolve();
      };
      const timer = setTimeout(look, LOOK_INTERVAL_MS);
      this.changed.on('change', look);
    });
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Closes the reader of standard output, as `head` does. */
  closeOutput(): void {
    this.child.stdout.destroy();
  }

  /** Closes the reader of standard error. */
  closeErrors(): void {
    this.child.stderr.destroy();
  }

  private took(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this[stream] += chunk.toString();
    this.changed.emit('change');
  }
}

/** The command by itself; or with a pipe behind it, in a shell that ends with the exit code of the command. */
function commandOf(args: readonly string[], { reader, into }: Pick<Start, 'reader' | 'into'>): [string, ...string[]] {
  const command = [process.execPath, '--', bundledProgram(COMMAND), ...args] as [string, ...string[]];
  if (into !== undefined) return ['bash', '--norc', '-c', `exec "$@" > ${into}`, 'bash', ...command];
  if (reader === undefined) return command;
  return ['bash', '--norc', '-o', 'pipefail', '-c', `"$@" | ${reader}`, 'bash', ...command];
}

/** An event on standard output. */
export interface OutputEvent {
  readonly id: string;
  readonly org?: string;
  readonly topic: string;
  readonly replayId: string;
  readonly header?: { readonly changeType: string; readonly recordIds: readonly string[]; readonly entityName: string };
  readonly data: Readonly<Record<string, unknown>>;
}

/** Runs `rxforce` in this process: the same, but for the process around it. */
export async function rxforceHere(
  args: readonly string[],
  { environment = {}, input = '', output }: Start = {},
): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const streamOf = (name: 'stdout' | 'stderr') =>
    new PassThrough().on('data', (chunk: Buffer) => (written[name] += chunk.toString()));
  const stdin = new PassThrough();
  stdin.end(input);
  const nothing = () => () => undefined;
  const code = await runCommand({
    ...{ args, environment, stdin, stdout: output ?? streamOf('stdout'), stderr: streamOf('stderr') },
    ...{ onSignal: nothing, onReopen: nothing },
    exitNow: (exitCode) => {
      throw new Error(`exitNow(${exitCode})`);
    },
  });
  return { code, ...written };
}

/** The variables that lead to an emulator without TLS, as `rxforce-emulator --write-env` writes them. */
export function environmentOf({ grpcEndpoint, httpUrl, credentials }: Emulator): Record<string, string> {
  return {
    RXFORCE_ENDPOINT: grpcEndpoint,
    RXFORCE_LOGIN_URL: httpUrl,
    RXFORCE_CLIENT_ID: credentials.clientId,
    RXFORCE_USERNAME: credentials.username,
    RXFORCE_PRIVATE_KEY_FILE: credentials.privateKeyPath,
    RXFORCE_INSECURE: '1',
  };
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How a process is run. */
export interface ProcessOptions {
  /** Path of the module, from the compiled `src`. */
  readonly module: string;
  /** Handed over as JSON. */
  readonly parameters: object;
  /** Node's own options. */
  readonly execArgv?: readonly string[];
}

/** A process that has sent its message and goes on. */
export interface RunningProcess<T> {
  readonly message: T;
  /** Ends it, and waits until it has ended. */
  readonly stop: () => Promise<void>;
}

/** Longest wait for a process's message. */
const TIMEOUT_MS = 60_000;

/**
 * Starts a process and waits for the one message it sends. It fails when the process ends without, or takes too long.
 */
export async function startProcess<T>(options: ProcessOptions): Promise<RunningProcess<T>> {
  const child = fork(
    fileURLToPath(new URL(`../${options.module}`, import.meta.url)),
    [JSON.stringify(options.parameters)],
    // What a process prints goes to stderr: stdout is for the result.
    { execArgv: [...(options.execArgv ?? [])], stdio: ['ignore', 2, 2, 'ipc'] },
  );
  const stop = () => stopProcess(child);
  try {
    return { message: await firstMessage<T>(child, options.module), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs a process to its end. */
export async function runProcess<T>(options: ProcessOptions): Promise<T> {
  const { message, stop } = await startProcess<T>(options);
  await stop();
  return message;
}

function firstMessage<T>(child: ChildProcess, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} took longer than ${TIMEOUT_MS} ms.`)), TIMEOUT_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message as T);
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`${name} ended with ${String(code ?? signal)} before it was done.`));
    });
  });
}

/** A process ends when its channel closes; one that is stuck is killed. */
async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a module of this directory in a process of its own. What it prints goes to stderr. */
export function startProcess(module: string, parameters: object, execArgv: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(module, import.meta.url)), [JSON.stringify(parameters)], {
    execArgv: ['--import=tsx', ...execArgv],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
}

/** The next message of a process. Rejects when it ends without. */
export function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      child.off('exit', onExit);
      resolve(message as T);
    };
    const onExit = (code: number | null, signal: string | null) => {
      child.off('message', onMessage);
      reject(new Error(`A process of the soak ended with ${String(code ?? signal)} before it was done.`));
    };
    child.once('message', onMessage).once('exit', onExit);
  });
}

/** Rejects when a process ends. */
export async function ending(child: ChildProcess): Promise<never> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  throw new Error(`A process of the soak ended with ${String(code ?? signal)} before it was done.`);
}

/** Ends a process, and waits until it has ended. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** In such a process: what it was started with. It ends when its parent does. */
export function parameters<T>(): T {
  process.on('disconnect', () => process.exit());
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** In such a process: sends its parent a message. */
export function tellParent(message: object): void {
  process.send?.(message);
}

/** Does something again and again. What it throws ends the process. */
export function every(intervalMs: number, work: () => void): void {
  setInterval(work, intervalMs);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '@rxforce/core/model';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';

/** The commands of other packages, which `rxforce` runs where they are installed. */
export type SiblingName = 'codegen' | 'emulator';

/** Finds the file of a package. It throws where the package is not installed. */
export type Resolve = (name: string) => string;

/**
 * `rxforce codegen` and `rxforce emulator`: the commands of these packages, with all arguments.
 *
 * @throws rejects with a `ConfigurationError` when the package is not installed.
 */
export async function sibling(context: Context, name: SiblingName, args: readonly string[]): Promise<number> {
  const { stdout, stderr, onSignal } = context.around;
  const script = scriptOf(name, (specifier) => import.meta.resolve(specifier));
  const child = spawn(process.execPath, ['--', script, ...args], {
    env: { ...context.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pipe(stdout, { end: false });
  child.stderr.pipe(stderr, { end: false });
  // A command whose reader is gone must learn of it.
  stdout.once('error', () => child.stdout.destroy());
  stderr.once('error', () => child.stderr.destroy());
  const stop = onSignal(() => child.kill('SIGTERM'));
  const [code] = (await once(child, 'close').finally(stop)) as [number | null];
  return code ?? EXIT.failed;
}

/** The script of a package's command, which lies beside what the package exports. */
export function scriptOf(name: SiblingName, resolve: Resolve): string {
  const specifier = `@rxforce/${name}`;
  try {
    return fileURLToPath(new URL(`../bin/rxforce-${name}.js`, resolve(specifier)));
  } catch (cause) {
    throw new ConfigurationError(`rxforce ${name} needs a package more: npm install --save-dev ${specifier}`, {
      cause,
    });
  }
}

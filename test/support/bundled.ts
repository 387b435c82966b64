import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The variable that names the folder in which the processes of one run share what they make. */
const SHARED = 'RXFORCE_BUNDLES';
/** Begins each file. */
const BANNER = [
  // Libraries that are CommonJS ask for modules of Node.
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  // The parser of HTTP is in WebAssembly. Node would optimize it, for longer than such a process lives.
  "import { setFlagsFromString as setFlags } from 'node:v8'; setFlags('--liftoff-only');",
].join('\n');

let folder = process.env[SHARED];

/**
 * A script of the tests with all that it imports, made from the sources once a run. Node starts with it in a sixth of
 * the CPU time that it needs to start with the sources: suites that kill processes start hundreds.
 *
 * @param script - The script, such as `new URL('handler-process.ts', import.meta.url)`.
 * @returns The path of its file.
 */
export function bundled(script: URL): string {
  const source = fileURLToPath(script);
  folder ??= newFolder();
  const target = join(folder, relative(root, source).replaceAll(/[^\w.-]/g, '-'));
  if (!existsSync(target)) make(source, target);
  return join(target, `${basename(source, '.ts')}.mjs`);
}

/**
 * The environment of a process that talks to this machine alone. Node reads the certificates of others at each start,
 * and with those of a whole system it takes three times as long.
 */
export function localEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
}

/** Has all processes that this one starts share what they make, until this one ends. */
export function shareBundles(): void {
  folder ??= newFolder();
  process.env[SHARED] = folder;
}

/** Puts the files into their place at once: another process may make them, too, or look for them. */
function make(source: string, target: string): void {
  const outdir = mkdtempSync(`${target}-`);
  buildSync({
    ...{ entryPoints: [source], outdir, outExtension: { '.js': '.mjs' }, logLevel: 'warning' },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20' },
    conditions: ['rxforce-source', 'module'],
    banner: { js: BANNER },
    // Less to read at each start. Lines stay short, as Node prints the line of an error.
    ...{ minifyWhitespace: true, lineLimit: 120, legalComments: 'none' },
    // A library of machine code finds its file by its own place.
    external: ['better-sqlite3', 'pg', 'pg-native'],
  });
  try {
    renameSync(outdir, target);
  } catch (error) {
    // Another process was faster, and has made the same.
    if (!existsSync(target)) throw error;
    rmSync(outdir, { recursive: true });
  }
}

/** Inside of the project, so that a library that is not in the files would be found, too. */
function newFolder(): string {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const path = mkdtempSync(join(cache, 'rxforce-'));
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

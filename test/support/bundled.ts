import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync, type BuildOptions } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The variable that names the folder in which the processes of one run share what they make. */
const SHARED = 'RXFORCE_BUNDLES';
/** Begins each module. */
const BANNER = [
  // Libraries that are CommonJS ask for modules of Node.
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  // The parser of HTTP is in WebAssembly. Node would optimize it, for longer than such a process lives.
  "import { setFlagsFromString as setFlags } from 'node:v8'; setFlags('--liftoff-only');",
].join('\n');
/** What a program has of the module that starts it, as it is none itself. */
const GIVEN = 'ofStarter';

let folder = process.env[SHARED];

/**
 * A script of the tests with all that it imports, as a module, made from the sources once a run. Node starts with it in
 * a sixth of the CPU time that it needs to start with the sources.
 *
 * @param script - The script, such as `new URL('main.ts', import.meta.url)`.
 * @returns The path of its file.
 */
export function bundled(script: URL): string {
  return made(script, 'module', (source, outdir) => {
    const outExtension = { '.js': '.mjs' };
    buildSync({ ...optionsOf(source), ...{ format: 'esm', outdir, outExtension, banner: { js: BANNER } } });
  });
}

/**
 * The same for a process that is started often: suites that kill processes start hundreds. The second one has what V8
 * compiled for the first, which takes a third off its start. The script exports nothing, and does not await at its top
 * level.
 *
 * @param script - The script, such as `new URL('handler-process.ts', import.meta.url)`.
 * @returns The path of its file.
 */
export function bundledProgram(script: URL): string {
  return made(script, 'program', (source, outdir) => {
    const name = basename(source, '.ts');
    const { outputFiles } = buildSync({
      ...{ ...optionsOf(source), format: 'cjs', write: false, define: { 'import.meta': `${GIVEN}.meta` } },
      ...{ banner: { js: `(function (require, module, ${GIVEN}) {` }, footer: { js: '})' } },
    });
    // Code that V8 kept from another process has no loader for what it imports at run time.
    const text = outputFiles[0]!.text.replaceAll(/(?<![.\w$])import\(/g, `${GIVEN}.import(`);
    writeFileSync(join(outdir, `${name}.cjs`), text);
    const given = '{ meta: import.meta, import: (specifier) => import(specifier) }';
    const starter = `import { startProgram } from './program.mjs';\nstartProgram('${name}.cjs', ${given});\n`;
    writeFileSync(join(outdir, `${name}.mjs`), starter);
    copyFileSync(new URL('program.mjs', import.meta.url), join(outdir, 'program.mjs'));
  });
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

function made(script: URL, kind: string, make: (source: string, outdir: string) => void): string {
  const source = fileURLToPath(script);
  folder ??= newFolder();
  const target = join(folder, `${kind}-${relative(root, source).replaceAll(/[^\w.-]/g, '-')}`);
  if (!existsSync(target)) {
    const outdir = mkdtempSync(`${target}-`);
    make(source, outdir);
    putIntoPlace(outdir, target);
  }
  return join(target, `${basename(source, '.ts')}.mjs`);
}

function optionsOf(source: string) {
  return {
    ...{ entryPoints: [source], logLevel: 'warning', bundle: true, platform: 'node', target: 'node20' },
    conditions: ['rxforce-source', 'module'],
    // Less to read at each start. Lines stay short, as Node prints the line of an error.
    ...{ minifyWhitespace: true, lineLimit: 120, legalComments: 'none' },
    // A library of machine code finds its file by its own place.
    external: ['better-sqlite3', 'pg', 'pg-native'],
  } as const satisfies BuildOptions;
}

/** Puts the files into their place at once: another process may make them, too, or look for them. */
function putIntoPlace(outdir: string, target: string): void {
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

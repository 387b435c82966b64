import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Libraries that are CommonJS ask for modules of Node. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

const made = new Map<string, string>();
let folder: string | undefined;

/**
 * A script of the tests with all that it imports, as one file, made from the sources once a process. Node starts with
 * it in a sixth of the CPU time that it needs to start with the sources: suites that kill processes start hundreds.
 *
 * @param script - The script, such as `new URL('handler-process.ts', import.meta.url)`.
 * @returns The path of the file.
 */
export function bundled(script: URL): string {
  const source = fileURLToPath(script);
  const known = made.get(source);
  if (known !== undefined) return known;
  const outfile = join((folder ??= newFolder()), `${basename(source, '.ts')}-${made.size}.mjs`);
  buildSync({
    ...{ entryPoints: [source], outfile, bundle: true, logLevel: 'warning' },
    ...{ platform: 'node', format: 'esm', target: 'node20', conditions: ['rxforce-source', 'module'] },
    banner: { js: REQUIRE },
    // A library of machine code finds its file by its own place.
    external: ['better-sqlite3', 'pg', 'pg-native'],
  });
  made.set(source, outfile);
  return outfile;
}

/** Inside of the project, so that a library that is not in the file would be found, too. */
function newFolder(): string {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const path = mkdtempSync(join(cache, 'rxforce-'));
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

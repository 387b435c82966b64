import { execFileSync } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './built.js';

/** The packages that are published, by their folder. */
export const NAMES = [
  'core',
  'codegen',
  'cli',
  'dead-letters',
  'operators',
  'opentelemetry',
  'records',
  'sql',
  'emulator',
  'replay-redis',
  'live-page',
  'jetstream',
  'kafka',
  'eslint-plugin',
] as const;

const HOUR_MS = 3_600_000;

/** A package as it is published. */
export interface Packed {
  readonly name: (typeof NAMES)[number];
  /** The archive, as a path. */
  readonly tarball: string;
}

/** Packs all packages into a folder. They must be built. */
export function packAll(folder: string): Packed[] {
  const workspaces = NAMES.map((name) => `--workspace=packages/${name}`);
  const text = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...workspaces],
    { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const packed = JSON.parse(text.toString()) as readonly { readonly name: string; readonly filename: string }[];
  return NAMES.map((name) => {
    const { filename } = packed.find((each) => each.name === `@rxforce/${name}`)!;
    return { name, tarball: join(folder, filename) };
  });
}

/** The archives of all packages, packed once for each state of their files. They must be built, and are only read. */
export function packedOnce(): Packed[] {
  const cache = join(root, 'node_modules/.cache/rxforce-packed');
  const folder = join(cache, stateOfPackages());
  const list = join(folder, 'packed.json');
  if (!existsSync(list)) {
    prepareCache(cache);
    const unfinished = mkdtempSync(join(cache, 'unfinished-'));
    const names = packAll(unfinished).map(({ name, tarball }) => ({ name, tarball: basename(tarball) }));
    writeFileSync(join(unfinished, 'packed.json'), JSON.stringify(names));
    putIntoPlace(unfinished, folder);
  }
  return (JSON.parse(readFileSync(list, 'utf8')) as Packed[]).map(({ name, tarball }) => ({
    name,
    tarball: join(folder, tarball),
  }));
}

/** Moves a folder to its place, unless another process has put the same there meanwhile. */
export function putIntoPlace(unfinished: string, folder: string): void {
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** A digest of when the files of the packages were changed, and of how large they are. */
function stateOfPackages(): string {
  const hash = createHash('sha256');
  for (const name of NAMES) {
    const folder = join(root, 'packages', name);
    const parts = readdirSync(folder).filter((part) => part !== 'node_modules' && part !== 'test');
    for (const part of parts) addState(hash, join(folder, part));
  }
  return hash.digest('hex').slice(0, 16);
}

function addState(hash: Hash, path: string): void {
  const stat = statSync(path);
  if (stat.isDirectory()) readdirSync(path).forEach((name) => addState(hash, join(path, name)));
  else hash.update(`${path} ${stat.mtimeMs} ${stat.size}\n`);
}

/** Makes a folder for what is made once, and removes from it what was made long ago and nobody reads any more. */
export function prepareCache(cache: string): void {
  mkdirSync(cache, { recursive: true });
  for (const path of readdirSync(cache).map((name) => join(cache, name))) {
    const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (ageMs > HOUR_MS) rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Installs packages into a folder, as an application does, with all that they depend on: in the versions that this
 * repository is tested with, which `npm ci` has put into npm's cache.
 */
export function install(folder: string, packed: readonly Packed[]): void {
  const dependencies = Object.fromEntries(packed.map(({ name, tarball }) => [`@rxforce/${name}`, `file:${tarball}`]));
  const app = { name: 'app', version: '1.0.0', private: true, dependencies };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(app));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({
      ...app,
      lockfileVersion: 3,
      requires: true,
      packages: { '': app, ...lockedVersions() },
    }),
  );
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** What a lock file says of a package. */
export interface LockedPackage {
  /** Where it is not that of the folder. */
  readonly name?: string;
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

/**
 * What is installed here, without the packages of this repository: what an application needs not is left out by npm.
 */
export function lockedVersions(): Record<string, LockedPackage> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  return Object.fromEntries(
    Object.entries(packages)
      .filter(([path, { link = false }]) => path.includes('node_modules/') && !link)
      .map(([path, entry]) => [path.replace(/^packages\/([\w-]+)\//, 'node_modules/@rxforce/$1/'), entry]),
  );
}

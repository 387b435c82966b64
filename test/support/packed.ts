import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
    JSON.stringify({ ...app, lockfileVersion: 3, requires: true, packages: { '': app, ...lockedVersions() } }),
  );
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** What a lock file says of a package. */
export interface LockedPackage {
  readonly version?: string;
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

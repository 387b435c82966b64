import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../../test/support/built.js';
import { lockedVersions, type Packed } from '../../test/support/packed.js';

/** What an image has: packages of this repository, and libraries that these load when a configuration names them. */
export interface ImageContent {
  readonly packages: readonly Packed['name'][];
  readonly libraries: readonly string[];
}

/**
 * The images. SQLite is in none: its driver is machine code, and a database in a file is not for a container.
 */
export const IMAGES = {
  rxforce: {
    packages: [
      ...(['cli', 'core', 'operators', 'dead-letters', 'records', 'live-page'] as const),
      ...(['sql', 'replay-redis', 'opentelemetry', 'jetstream'] as const),
    ],
    libraries: [
      ...['ioredis', 'pg', '@nats-io/transport-node', '@opentelemetry/api'],
      ...['@opentelemetry/exporter-metrics-otlp-http', '@opentelemetry/exporter-trace-otlp-http'],
      ...['@opentelemetry/sdk-metrics', '@opentelemetry/sdk-trace-base'],
    ],
  },
  emulator: { packages: ['emulator', 'core', 'live-page'], libraries: [] },
} as const satisfies Readonly<Record<string, ImageContent>>;

/**
 * Writes what an image is made from: `package.json`, `package-lock.json`, `packed/` with the archives, and `bin/`. All
 * libraries are in the versions that this repository is tested with, so `npm ci` there installs these.
 *
 * @param folder - Where to write to. It is made where it is missing.
 * @param packed - The archives of the packages.
 */
export function writeImage(folder: string, { packages, libraries }: ImageContent, packed: readonly Packed[]): void {
  mkdirSync(join(folder, 'packed'), { recursive: true });
  const archives = packed.filter(({ name }) => packages.includes(name));
  for (const { tarball } of archives) copyFileSync(tarball, join(folder, 'packed', basename(tarball)));
  const locked = lockedVersions();
  const app = {
    name: 'rxforce-image',
    version: versionOf(join(root, 'lerna.json')),
    private: true,
    type: 'module',
    dependencies: {
      ...Object.fromEntries(
        archives.map(({ name, tarball }) => [`@rxforce/${name}`, `file:packed/${basename(tarball)}`]),
      ),
      ...Object.fromEntries(libraries.map((name) => [name, locked[`node_modules/${name}`]?.version ?? 'missing'])),
    },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(app, null, 2)}\n`);
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ ...app, lockfileVersion: 3, requires: true, packages: { '': app, ...locked } }),
  );
  // Puts the archives into the lock file, and takes out what they do not need.
  const args = ['install', '--package-lock-only', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

function versionOf(file: string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

import { execFileSync } from 'node:child_process';
import type { LockedPackage } from './packed.js';

let registry: string | undefined;

/**
 * Gives the packages of a lock file the addresses of their archives. Without them, npm reads all that its registry
 * knows of each package first, which costs more than the packages themselves.
 *
 * @param packages - As the lock file has them, by their path.
 */
export function withAddresses<T extends LockedPackage>(packages: Readonly<Record<string, T>>): Record<string, T> {
  registry ??= execFileSync('npm', ['config', 'get', 'registry']).toString().trim().replace(/\/*$/, '/');
  return Object.fromEntries(Object.entries(packages).map(([path, entry]) => [path, located(path, entry)]));
}

function located<T extends LockedPackage>(path: string, entry: T): T {
  const { name = path.replace(/^.*node_modules\//, ''), version, integrity } = entry;
  // Only archives of the registry have a digest: not this folder, nor links.
  if (version === undefined || integrity === undefined) return entry;
  return { resolved: `${registry}${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`, ...entry };
}

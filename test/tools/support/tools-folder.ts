import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../support/built.js';
import { packedOnce, prepareCache, putIntoPlace, type LockedPackage } from '../../support/packed.js';
import { withAddresses } from '../../support/registry.js';

/** Where the tools are named. */
export const TOOLS = join(root, 'test/tools');
const MANIFESTS = ['package.json', 'package-lock.json'];

/** A new folder in which the tools and the packed packages are installed, as in an application. */
export function newToolsFolder(): string {
  const installed = installedTools();
  const folder = mkdtempSync(join(tmpdir(), 'rxforce-tools-'));
  MANIFESTS.forEach((name) => copyFileSync(join(TOOLS, name), join(folder, name)));
  linkAll(join(installed, 'node_modules'), join(folder, 'node_modules'));
  for (const { name, tarball } of packedOnce()) {
    const target = join(folder, 'node_modules/@rxforce', name);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  }
  return folder;
}

/** The tools, installed once for each state of the lockfile. */
function installedTools(): string {
  const hash = createHash('sha256').update(readFileSync(join(TOOLS, 'package-lock.json')));
  const cache = join(root, 'node_modules/.cache/rxforce-tools');
  const folder = join(cache, hash.digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;
  prepareCache(cache);
  const unfinished = mkdtempSync(join(cache, 'unfinished-'));
  MANIFESTS.forEach((name) => copyFileSync(join(TOOLS, name), join(unfinished, name)));
  try {
    installIn(unfinished);
  } catch (error) {
    const reason = String((error as { readonly stderr?: unknown }).stderr);
    throw new Error(`The tools of test/tools could not be installed. Is npm's registry reached?\n${reason}`, {
      cause: error,
    });
  }
  putIntoPlace(unfinished, folder);
  return folder;
}

function installIn(folder: string): void {
  const lock = join(folder, 'package-lock.json');
  const text = readFileSync(lock, 'utf8');
  const { packages, ...rest } = JSON.parse(text) as { readonly packages: Readonly<Record<string, LockedPackage>> };
  const install = (locked: string) => {
    writeFileSync(lock, locked);
    const args = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  try {
    install(JSON.stringify({ ...rest, packages: withAddresses(packages) }));
  } catch {
    // Some registries have the archives elsewhere, and npm asks for where.
    install(text);
  }
}

/**
 * Makes a folder with the same files as another one, as hard links where the file system can: there are 25,000 of them.
 */
function linkAll(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkAll(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else link(source, target);
  }
}

function link(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}

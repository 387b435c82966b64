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
  renameSync,
  rmSync,
  symlinkSync,
  readlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../support/built.js';
import { packAll } from '../../support/packed.js';

/** Where the tools are named. */
export const TOOLS = join(root, 'test/tools');
const MANIFESTS = ['package.json', 'package-lock.json'];

/** A new folder in which the tools and the packed packages are installed, as in an application. */
export function newToolsFolder(): string {
  const installed = installedTools();
  const folder = mkdtempSync(join(tmpdir(), 'rxforce-tools-'));
  MANIFESTS.forEach((name) => copyFileSync(join(TOOLS, name), join(folder, name)));
  linkAll(join(installed, 'node_modules'), join(folder, 'node_modules'));
  for (const { name, tarball } of packAll(folder)) {
    const target = join(folder, 'node_modules/@rxforce', name);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
    rmSync(tarball);
  }
  return folder;
}

/** The tools, installed once for each state of the lockfile. */
function installedTools(): string {
  const hash = createHash('sha256').update(readFileSync(join(TOOLS, 'package-lock.json')));
  const cache = join(root, 'node_modules/.cache/rxforce-tools');
  const folder = join(cache, hash.digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, 'unfinished-'));
  MANIFESTS.forEach((name) => copyFileSync(join(TOOLS, name), join(unfinished, name)));
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], {
      cwd: unfinished,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    const reason = String((error as { readonly stderr?: unknown }).stderr);
    throw new Error(`The tools of test/tools could not be installed. Is npm's registry reached?\n${reason}`, {
      cause: error,
    });
  }
  renameSync(unfinished, folder);
  return folder;
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

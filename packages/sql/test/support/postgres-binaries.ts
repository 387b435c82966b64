import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { foundProgram } from '../../../../test/support/found-program.js';

/** The folder of `initdb` and `postgres`; installed first, where they are missing and this may be done. */
export const postgresBinaries = foundProgram({
  look: folderOfBoth,
  debianPackage: 'postgresql',
  missing:
    'These tests start real PostgreSQL servers, and found no "initdb" and "postgres". Install version 12 or later: ' +
    '"apt-get install postgresql" on Debian and Ubuntu, "brew install postgresql" on macOS.',
});

async function folderOfBoth(): Promise<string | undefined> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch((): string[] => []);
  // The newest first. Debian has them in folders of their own, and not on the PATH.
  const ofDebian = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'));
  for (const folder of [...ofDebian, ...(process.env.PATH ?? '').split(':')]) {
    if (folder !== '' && (await hasBoth(folder))) return folder;
  }
  return undefined;
}

async function hasBoth(folder: string): Promise<boolean> {
  return Promise.all(['initdb', 'postgres'].map((name) => access(join(folder, name)))).then(
    () => true,
    () => false,
  );
}

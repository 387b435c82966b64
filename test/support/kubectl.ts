import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installDebianPackage } from './debian-package.js';

const run = promisify(execFile);

let found: Promise<void> | undefined;

/** What `kubectl kustomize` makes of a folder; installs kubectl first, where it is missing and this may be done. */
export async function kustomize(folder: string): Promise<string> {
  await (found ??= find());
  const { stdout } = await run('kubectl', ['kustomize', folder], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

async function find(): Promise<void> {
  if (await answers()) return;
  await installDebianPackage('kubernetes-client');
  if (await answers()) return;
  throw new Error(
    'These tests render manifests with "kubectl kustomize", and found no kubectl on the PATH. Install version 1.20 or later: ' +
      '"apt-get install kubernetes-client" on Debian, "brew install kubectl" on macOS.',
  );
}

function answers(): Promise<boolean> {
  return run('kubectl', ['kustomize', '--help']).then(
    () => true,
    () => false,
  );
}

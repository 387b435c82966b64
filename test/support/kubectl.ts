import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { answering, foundProgram } from './found-program.js';

const run = promisify(execFile);

const program = foundProgram({
  look: () => answering(['kubectl'], ['kustomize', '--help']),
  debianPackage: 'kubernetes-client',
  missing:
    'These tests render manifests with "kubectl kustomize", and found no kubectl on the PATH. Install version 1.20 or later: ' +
    '"apt-get install kubernetes-client" on Debian, "brew install kubectl" on macOS.',
});

/** What `kubectl kustomize` makes of a folder; installs kubectl first, where it is missing and this may be done. */
export async function kustomize(folder: string): Promise<string> {
  const { stdout } = await run(await program(), ['kustomize', folder], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { answering, foundProgram } from './found-program.js';

const run = promisify(execFile);

const program = foundProgram({
  look: () => answering(['promtool'], ['--version']),
  debianPackage: 'prometheus',
  missing:
    'These tests check alerts with Prometheus\' own "promtool", and found none on the PATH. Install version 2.42 or later: ' +
    '"apt-get install prometheus" on Debian and Ubuntu, "brew install prometheus" on macOS.',
});

/** What `promtool` answers: whether it was content, and what it printed. */
export interface PromtoolAnswer {
  readonly isContent: boolean;
  readonly output: string;
}

/** Runs Prometheus' own checks; installs them first, where they are missing and this may be done. */
export async function promtool(args: readonly string[], input = ''): Promise<PromtoolAnswer> {
  const running = run(await program(), [...args]);
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout, stderr }) => ({ isContent: true, output: stdout + stderr }),
    (failure: unknown) => {
      const { stdout, stderr } = failure as { readonly stdout: string; readonly stderr: string };
      return { isContent: false, output: stdout + stderr };
    },
  );
}

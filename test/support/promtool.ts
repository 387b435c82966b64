import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installDebianPackage } from './debian-package.js';

const run = promisify(execFile);

let found: Promise<void> | undefined;

/** What `promtool` answers: whether it was content, and what it printed. */
export interface PromtoolAnswer {
  readonly isContent: boolean;
  readonly output: string;
}

/** Runs Prometheus' own checks; installs them first, where they are missing and this may be done. */
export async function promtool(args: readonly string[], input = ''): Promise<PromtoolAnswer> {
  await (found ??= find());
  const running = run('promtool', [...args]);
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout, stderr }) => ({ isContent: true, output: stdout + stderr }),
    (failure: unknown) => {
      const { stdout, stderr } = failure as { readonly stdout: string; readonly stderr: string };
      return { isContent: false, output: stdout + stderr };
    },
  );
}

async function find(): Promise<void> {
  if (await answers()) return;
  await installDebianPackage('prometheus');
  if (await answers()) return;
  throw new Error(
    'These tests check alerts with Prometheus\' own "promtool", and found none on the PATH. Install version 2.42 or later: ' +
      '"apt-get install prometheus" on Debian and Ubuntu, "brew install prometheus" on macOS.',
  );
}

function answers(): Promise<boolean> {
  return run('promtool', ['--version']).then(
    () => true,
    () => false,
  );
}

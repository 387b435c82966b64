import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installDebianPackage } from '../../../../test/support/debian-package.js';

const run = promisify(execFile);

let found: Promise<string> | undefined;

/** The program `kcat`; installed first, where it is missing and this may be done. */
export function kcatBinary(): Promise<string> {
  return (found ??= find());
}

async function find(): Promise<string> {
  if (await answers()) return 'kcat';
  await installDebianPackage('kcat');
  if (await answers()) return 'kcat';
  throw new Error(
    'These tests start the mock of a Kafka cluster that is in librdkafka, by kcat, and found no "kcat" on the PATH. ' +
      'Install version 1.7 or later: "apt-get install kcat" on Debian and Ubuntu, "brew install kcat" on macOS.',
  );
}

async function answers(): Promise<boolean> {
  return run('kcat', ['-V']).then(
    () => true,
    () => false,
  );
}

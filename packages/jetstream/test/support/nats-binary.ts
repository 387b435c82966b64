import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installDebianPackage } from '../../../../test/support/debian-package.js';

const run = promisify(execFile);

/** Debian has it in /usr/sbin, which is not on every PATH. */
const PLACES: readonly string[] = ['nats-server', '/usr/sbin/nats-server'];

let found: Promise<string> | undefined;

/** The program `nats-server`; installed first, where it is missing and this may be done. */
export function natsBinary(): Promise<string> {
  return (found ??= find());
}

async function find(): Promise<string> {
  const there = await whichAnswers();
  if (there !== undefined) return there;
  await installDebianPackage('nats-server');
  const installed = await whichAnswers();
  if (installed !== undefined) return installed;
  throw new Error(
    'These tests start real NATS servers, and found no "nats-server" on the PATH. Install version 2.9 or later: ' +
      '"apt-get install nats-server" on Debian and Ubuntu, "brew install nats-server" on macOS.',
  );
}

async function whichAnswers(): Promise<string | undefined> {
  for (const place of PLACES) {
    const answers = await run(place, ['--version']).then(
      () => true,
      () => false,
    );
    if (answers) return place;
  }
  return undefined;
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installDebianPackage } from '../../../../test/support/debian-package.js';

const run = promisify(execFile);

let found: Promise<string> | undefined;

/** The program `redis-server`; installed first, where it is missing and this may be done. */
export function redisBinary(): Promise<string> {
  return (found ??= find());
}

async function find(): Promise<string> {
  if (await answers()) return 'redis-server';
  await installDebianPackage('redis-server');
  if (await answers()) return 'redis-server';
  throw new Error(
    'These tests start real Redis servers, and found no "redis-server" on the PATH. Install version 7.0 or later: ' +
      '"apt-get install redis-server" on Debian and Ubuntu, "brew install redis" on macOS.',
  );
}

async function answers(): Promise<boolean> {
  return run('redis-server', ['--version']).then(
    () => true,
    () => false,
  );
}

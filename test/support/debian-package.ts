import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Of one installation at a time, as apt-get gives up at once where another one runs. */
const LOCK = '/tmp/rxforce-apt-get.lock';
const LOTS = 64 * 1024 * 1024;

/**
 * Installs a package of Debian where this may be done, one after the other, however many suites ask at the same time.
 * Whoever calls it looks afterwards whether the program is there.
 */
export async function installDebianPackage(name: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = `apt-get update; apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 ${name}`;
  await run('flock', [LOCK, 'sh', '-c', install], { env, maxBuffer: LOTS }).catch(() => undefined);
}

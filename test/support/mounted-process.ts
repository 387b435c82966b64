import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundled } from './bundled.js';

/** How a call of a file store went. */
export interface MountedReport {
  readonly what: string;
  readonly ok: boolean;
  readonly code: string | undefined;
  readonly retriable: boolean | undefined;
  readonly message: string | undefined;
}

/** What a process found on a file system of its own. */
export interface MountedResult {
  readonly reports: readonly MountedReport[];
  /** How many files were in the directory before there was room again. */
  readonly left: number;
}

const MAIN = new URL('mounted-process-main.ts', import.meta.url);
/** A mount of this one's is seen by nobody else, and gone with it. */
const OWN_MOUNTS = ['-m', '-r', '-U'];
const MOUNT = 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"';

/**
 * Runs both file stores on a file system of memory that is mounted for them alone, with options such as `ro`.
 *
 * @returns `undefined` where this user, or this machine, may mount nothing.
 */
export function runMounted(options: string, mode = ''): MountedResult | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'rxforce-mounted-'));
  try {
    const inMount = (...command: readonly string[]) =>
      spawnSync('unshare', [...OWN_MOUNTS, 'sh', '-c', MOUNT, 'sh', options, directory, ...command], {
        encoding: 'utf8',
      });
    if (inMount('true').status !== 0) return undefined;
    const { stdout, stderr } = inMount(process.execPath, bundled(MAIN), directory, mode);
    if (stdout === '') throw new Error(`The process on ${options} said nothing: ${stderr}`);
    return JSON.parse(stdout) as MountedResult;
  } finally {
    rmdirSync(directory);
  }
}

import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { codeOf } from './private-files.js';

/** Identifies one process, also among those that get its pid later. */
export interface ProcessMark {
  readonly pid: number;
  readonly host: string;
  /**
   * The space in which its pid is unique: on Linux the boot of the kernel and the pid namespace. Two containers may
   * share the host's name, and each has its pid 1. Empty where the host's name must suffice.
   */
  readonly pidSpace: string;
  /** When it started, in a unit of the system's own. Empty where that is not known. */
  readonly processStartedAt: string;
}

let own: Promise<ProcessMark> | undefined;

/** The mark of this process. */
export function ownMark(): Promise<ProcessMark> {
  return (own ??= readOwnMark());
}

async function readOwnMark(): Promise<ProcessMark> {
  const [boot, namespace, seen] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
    statOf(process.pid),
  ]);
  return {
    pid: process.pid,
    host: hostname(),
    pidSpace: `${boot.trim()} ${namespace}`.trim(),
    processStartedAt: seen?.startedAt ?? '',
  };
}

/**
 * The state of a process. `likely`: a process has its pid, but it may be another one. `unknown`: its pid means nothing
 * here.
 */
export type ProcessState = 'running' | 'likely' | 'unknown' | 'dead';

/** Whether a process runs. A stopped one (SIGSTOP) counts as running, as it may continue. */
export async function lookAt(mark: ProcessMark): Promise<ProcessState> {
  const here = await ownMark();
  if (mark.host !== here.host || mark.pidSpace !== here.pidSpace) return 'unknown';
  if (!hasProcess(mark.pid)) return 'dead';
  const seen = await statOf(mark.pid);
  if (seen?.isZombie) return 'dead';
  // Some systems have no /proc, and it may hide the processes of other users.
  if (!seen || mark.processStartedAt === '') return 'likely';
  return seen.startedAt === mark.processStartedAt ? 'running' : 'dead';
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** The state of a process on Linux. */
async function statOf(pid: number): Promise<{ startedAt: string; isZombie: boolean } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // proc(5): the second field is the program's name, in parentheses, and may hold anything; the third is the state, the
  // 22nd the time of the start in clock ticks since boot.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { startedAt: fields[19] ?? '', isZombie: fields[0] === 'Z' || fields[0] === 'X' };
}

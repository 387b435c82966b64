import { readdir, readFile } from 'node:fs/promises';
import { until } from './until.js';

/** Resolves once a process that got SIGSTOP stands still: on a busy machine its threads run for a while. */
export async function stopped(pid: number): Promise<void> {
  await until(async () => (await threadStates(pid)).every((state) => /[TtZX]/.test(state)));
}

/** What each thread does, by the letters of proc(5). None where there is no /proc: a signal is taken for its effect. */
async function threadStates(pid: number): Promise<readonly string[]> {
  const tasks = `/proc/${pid}/task`;
  const names = await readdir(tasks).catch((): string[] => []);
  const stats = names.map((name) => readFile(`${tasks}/${name}/stat`, 'utf8').catch(() => ') X'));
  return (await Promise.all(stats)).map((stat) => /\) (\w)/.exec(stat)?.[1] ?? '');
}

import { isAlive, type Member } from './fleet.js';

/** A table of who reads which partition, as lines of text. */
export function tableOf(workers: readonly Member[], partitions: number): string {
  const numbers = Array.from({ length: partitions }, (_, partition) => partition);
  const width = Math.max('partition'.length, ...workers.map(({ name }) => name.length));
  const head = ['partition'.padEnd(width), ...numbers.map((each) => String(each).padStart(2)), ' written'].join(' ');
  const rows = workers.map((worker) => {
    const cells = numbers.map((each) => (worker.partitions.has(each) ? ' ●' : ' ·'));
    const state = isAlive(worker) ? '' : '  (gone)';
    return `${[worker.name.padEnd(width), ...cells, String(worker.handled).padStart(8)].join(' ')}${state}`;
  });
  return [head, ...rows].map((line) => `         ${line}`).join('\n');
}

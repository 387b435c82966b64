import { writeSync } from 'node:fs';
import type { DeadLetter } from '../../src/dead-letter-queue.js';
import { fileDeadLetterQueue } from '../../src/file-dead-letter-queue.js';
import type { LetterReport, LetterTask } from './letter-process.js';
import { letterWith } from './letter-with.js';

const task = JSON.parse(process.argv[2] ?? '') as LetterTask;
const queue = fileDeadLetterQueue(task.directory, { maxFileBytes: 3_000 });

/** What is printed stays printed, when the process is killed right after. */
function report(...[event, id]: LetterReport): void {
  writeSync(1, `${event} ${id}\n`);
}

async function put(...letters: DeadLetter[]): Promise<void> {
  letters.forEach(({ id }) => report('putting', id));
  await queue.put(letters);
  letters.forEach(({ id }) => report('put', id));
}

async function remove(id: string): Promise<void> {
  report('removing', id);
  await queue.remove([id]);
  report('removed', id);
}

async function churn(name: string): Promise<void> {
  for (let count = 0; ; count++) {
    const id = `${name}-${count}`;
    const puts = [put(letterWith(`${id}-a`)), put(...['x', 'y', 'z'].map((part) => letterWith(`${id}-${part}`)))];
    await Promise.all([...puts, put(letterWith(`${id}-b`))]);
    await Promise.all([remove(`${id}-a`), remove(`${id}-x`)]);
  }
}

async function redrive(): Promise<void> {
  const input = process.stdin.resume();
  for (;;) {
    // Before it looks: what was put until then is to be found.
    const isLast = input.readableEnded;
    const letters = await queue.take({ limit: 5 });
    for (const { id, attempts } of letters) {
      if (attempts === 1 && id.endsWith('3')) await put(letterWith(id, 2));
      else await remove(id);
    }
    if (isLast && letters.length === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function run(): Promise<void> {
  switch (task.type) {
    case 'churn':
      return churn(task.name);
    case 'put':
      for (let count = 0; count < task.count; count++) await put(letterWith(`${task.name}-${count}`));
      return;
    case 'redrive':
      return redrive();
    default:
      throw new Error(`There is no such task: ${JSON.stringify(task satisfies never)}`);
  }
}

void run();

import { setTimeout } from 'node:timers/promises';
import { redrive, type DeadLetter } from '@rxforce/dead-letters';
import { lastValueFrom, tap } from 'rxjs';
import { printNow } from '../../../core/test/support/print-now.js';
import { redisDeadLetterQueue } from '../../src/redis-dead-letter-queue.js';
import type { RedriveReport, RedriveTask } from './redrive-process.js';

const { port, claimMs, hangsAfter } = JSON.parse(process.argv[2] ?? '') as RedriveTask;
const queue = redisDeadLetterQueue({ host: '127.0.0.1', port }, { claimMs });

function report(...[event, id]: RedriveReport): void {
  printNow(`${event} ${id}`);
}

let started = 0;
async function work(_value: unknown, { id }: DeadLetter): Promise<string> {
  report('started', id);
  if (++started > (hangsAfter ?? Infinity)) return new Promise<never>(() => undefined);
  await setTimeout(1);
  return id;
}

async function run(): Promise<void> {
  while ((await queue.depth()) > 0) {
    const removed$ = redrive(queue, work, { concurrency: 5, batchSize: 20 }).pipe(
      tap((result) => report('removed', result.unwrap())),
    );
    await lastValueFrom(removed$, { defaultValue: undefined });
    // What another process has taken may come back, when it dies.
    await setTimeout(20);
  }
  await queue.close();
  process.exit();
}

void run();

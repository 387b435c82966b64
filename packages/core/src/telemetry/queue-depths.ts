import { asyncScheduler, catchError, firstValueFrom, from, map, of, race, timer, type SchedulerLike } from 'rxjs';
import { monotonicNow } from '../model/monotonic.js';

/** The part of a dead-letter queue that is measured. */
export interface MeasuredQueue {
  /** How many letters it has. */
  depth(): Promise<number>;
}

/** Queues by the names that their series get. */
export type MeasuredQueues = Readonly<Record<string, MeasuredQueue>>;

/** How long an answer of a queue is good for. */
const ASK_EVERY_MS = 15_000;
/** How long a queue may take to answer. */
const ANSWER_WITHIN_MS = 5_000;

/** Asks queues how many letters they have: when somebody wants to know, and not more often than every 15 seconds. */
export class QueueDepths {
  private asked: { readonly at: number; readonly depths: Promise<ReadonlyMap<string, number>> } | undefined;

  constructor(
    private readonly queues: MeasuredQueues,
    private readonly scheduler: SchedulerLike = asyncScheduler,
  ) {}

  /** The letters of each queue. A queue that fails, or does not answer within 5 seconds, is left out. */
  depths(): Promise<ReadonlyMap<string, number>> {
    const now = monotonicNow(this.scheduler);
    if (this.asked === undefined || now - this.asked.at >= ASK_EVERY_MS) this.asked = { at: now, depths: this.ask() };
    return this.asked.depths;
  }

  private async ask(): Promise<ReadonlyMap<string, number>> {
    const answers = await Promise.all(
      Object.entries(this.queues).map(async ([name, queue]) => [name, await this.depthOf(queue)] as const),
    );
    return new Map(answers.filter((answer): answer is [string, number] => answer[1] !== undefined));
  }

  private depthOf(queue: MeasuredQueue): Promise<number | undefined> {
    const late = timer(ANSWER_WITHIN_MS, this.scheduler).pipe(map(() => undefined));
    const answer = from((async () => queue.depth())()).pipe(
      map((depth) => (Number.isFinite(depth) ? depth : undefined)),
      catchError(() => of(undefined)),
    );
    return firstValueFrom(race(answer, late));
  }
}

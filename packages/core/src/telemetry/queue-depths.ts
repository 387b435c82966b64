import type { SchedulerLike } from 'rxjs';
import { AskedRarely } from './asked-rarely.js';

/** The part of a dead-letter queue that is measured. */
export interface MeasuredQueue {
  /** How many letters it has. */
  depth(): Promise<number>;
}

/** Queues by the names that their series get. */
export type MeasuredQueues = Readonly<Record<string, MeasuredQueue>>;

/** Asks queues how many letters they have: when somebody wants to know, and not more often than every 15 seconds. */
export class QueueDepths {
  private readonly asked: AskedRarely<ReadonlyMap<string, number>>;

  constructor(queues: MeasuredQueues, scheduler?: SchedulerLike) {
    this.asked = new AskedRarely(async (answerOf) => {
      const answers = await Promise.all(
        Object.entries(queues).map(async ([name, queue]) => [name, await answerOf(() => queue.depth())] as const),
      );
      return new Map(answers.filter((answer): answer is [string, number] => Number.isFinite(answer[1])));
    }, scheduler);
  }

  /** The letters of each queue. A queue that fails, or does not answer within 5 seconds, is left out. */
  depths(): Promise<ReadonlyMap<string, number>> {
    return this.asked.answer();
  }
}

import type { DeadLetterQueue } from '@rxforce/dead-letters';
import type { TopicPlan } from './topic-plan.js';

export { isChosen, someLetters, type LetterChoice } from '@rxforce/dead-letters/internal';

/** The dead letters of a topic. */
export interface TopicQueue {
  readonly plan: TopicPlan;
  readonly queue: DeadLetterQueue;
}

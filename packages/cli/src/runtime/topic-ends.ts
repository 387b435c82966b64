import type { PubSubClient } from '@rxforce/core';
import { RxforceError, type Logger } from '@rxforce/core/model';
import { wordsOf } from '../config/setting-words.js';
import type { TopicPlan } from './topic-plan.js';
import { withClosestTopic } from './wrong-topic.js';

/** Logs why topics have ended, and knows what it has said. */
export class TopicEnds {
  private readonly told = new WeakSet<object>();

  /** @param onTold - Called after each line. */
  constructor(private readonly onTold: () => void = () => undefined) {}

  /**
   * Logs why a topic has ended.
   *
   * @throws rejects with the error, and for a wrong topic with the name that was probably meant.
   */
  async tell(
    thrown: unknown,
    { topic, name }: Pick<TopicPlan, 'topic' | 'name'>,
    { client, log }: { readonly client: Pick<PubSubClient, 'fetch'>; readonly log: Required<Pick<Logger, 'error'>> },
  ): Promise<never> {
    const error = await withClosestTopic(thrown, client);
    const isOfLibrary = RxforceError.is(error);
    // A login that is refused ends all topics of its org.
    const why = this.hasTold(error) ? ' for the same reason' : `: ${isOfLibrary ? wordsOf(error) : String(error)}`;
    log.error(`${topic} (${name}) has ended${why}`);
    this.onTold();
    // A defect of the command or of a module needs its stack, which only the end of the command shows.
    if (isOfLibrary) this.told.add(error);
    throw error;
  }

  /** Whether the log has a line that says all of an error. */
  hasTold(error: unknown): boolean {
    return this.told.has(Object(error) as object);
  }
}

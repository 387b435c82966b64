import { queueDamaged, queueFailure } from './dead-letter-errors.js';
import type { RedisConnection } from './redis-connection.js';
import { hashTag } from './redis-keys.js';
import type { RedisScript } from './redis-script.js';

/** What a script answers, after the word that says what happened. */
export type LetterAnswer = readonly [event: string, ...texts: string[]];

/** The letter after which a page begins: when it failed last, and its place. */
export type Position = readonly [failedAt: string, place: string];

/** Before all letters. */
export const START: Position = ['', ''];

/** After this many bytes of letters a page ends: Redis does nothing else while it makes one. */
export const PAGE_BYTES = 1024 * 1024;
/** Most letters of a page. */
export const PAGE_LETTERS = 100;
/** Most ids of a call. */
const IDS_PER_CALL = 1_000;

/** Runs the scripts of one queue. What fails rejects with a `DeadLetterQueueError`. */
export class LetterCalls {
  private readonly keys: readonly string[];
  private readonly tag: string;

  constructor(
    private readonly connection: RedisConnection,
    private readonly name: string,
  ) {
    this.tag = hashTag(connection.prefix, ['dlq', name]);
    this.keys = [this.tag, `${this.tag}:places`, `${this.tag}:order`];
  }

  /**
   * Runs a script. The whole script is sent each time: by its hash, the first call of one would be sent a second time,
   * and calls that were made after it would come before.
   *
   * @param what - For the error: what is done to the queue.
   * @param late - Told of an answer that came after the call was given up.
   */
  async ask(
    what: string,
    { lua }: RedisScript,
    args: readonly (string | number)[],
    late: (answer: LetterAnswer) => void = () => undefined,
  ): Promise<LetterAnswer> {
    const { keys, tag, name } = this;
    const answer = await this.connection.call(
      async (redis) => (await redis.eval(lua, keys.length, [...keys, ...args.map(String)])) as LetterAnswer,
      { lane: tag, late },
    );
    if (answer.err) throw queueFailure(what, name, answer.val);
    if (answer.val[0] === 'damaged') throw queueDamaged(name, keys);
    return answer.val;
  }

  /** Runs a script about some ids, as often as it takes. Gives the texts of all answers. */
  async askEach(
    what: string,
    script: RedisScript,
    args: readonly (string | number)[],
    ids: readonly string[],
  ): Promise<readonly string[]> {
    const texts: string[] = [];
    // Also for none: what is wrong with Redis is to be told.
    for (let from = 0; from === 0 || from < ids.length; from += IDS_PER_CALL) {
      const [, ...more] = await this.ask(what, script, [...args, ...ids.slice(from, from + IDS_PER_CALL)]);
      texts.push(...more);
    }
    return texts;
  }
}

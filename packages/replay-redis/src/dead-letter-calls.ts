import { queueDamaged, queueFailure } from './dead-letter-errors.js';
import type { RedisConnection } from './redis-connection.js';
import { hashTag } from './redis-keys.js';
import type { RedisScript } from './redis-script.js';

/** The answer of a script: a word that says what happened, then texts. */
export type LetterAnswer = readonly [event: string, ...texts: string[]];

/** The letter after which a page begins: the time of its last failure, and its place. */
export type Position = readonly [failedAt: string, place: string];

/** The position before all letters. */
export const START: Position = ['', ''];

/** A page ends after this many bytes of letters: Redis does nothing else while it makes a page. */
export const PAGE_BYTES = 1024 * 1024;
/** Most letters of a page. */
export const PAGE_LETTERS = 100;
/** Most ids of a call. */
const IDS_PER_CALL = 1_000;

/** Runs the scripts of one queue. Failures reject with a `DeadLetterQueueError`. */
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
   * Runs a script. The whole script is sent each time. With its hash, the first call would have to be sent a second
   * time, and later calls would overtake it.
   *
   * @param what - The operation on the queue, for the error's message.
   * @param late - Called with an answer that came after the call was given up.
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

  /** Runs a script for some ids, in as many calls as necessary. Resolves with the texts of all answers. */
  async askEach(
    what: string,
    script: RedisScript,
    args: readonly (string | number)[],
    ids: readonly string[],
  ): Promise<readonly string[]> {
    const texts: string[] = [];
    // Runs even without ids, so that a problem of Redis is reported.
    for (let from = 0; from === 0 || from < ids.length; from += IDS_PER_CALL) {
      const [, ...more] = await this.ask(what, script, [...args, ...ids.slice(from, from + IDS_PER_CALL)]);
      texts.push(...more);
    }
    return texts;
  }
}

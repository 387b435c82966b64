import { plainError, sentence, type EngineFailure } from '@rxforce/core/internal';
import { REFUSALS } from './redis-refusals.js';
import { replyIn, withoutArguments } from './redis-reply.js';

/** Why a call to Redis failed. */
export interface RedisFailure extends EngineFailure {
  /** Whether a replica refused the call. */
  readonly isReplica: boolean;
}

/** No answer came in time. */
export class RedisSilence extends Error {
  override readonly name = 'RedisSilence';
}

/** The call can never succeed. */
export class RedisRefusal extends Error {
  override readonly name = 'RedisRefusal';
}

/**
 * The client was closed.
 *
 * @param lastError - Why it had no connection, where it gave up.
 */
export function closed(lastError?: Error): RedisRefusal {
  const why = lastError === undefined ? '' : `${sentence(messageOf(lastError))} `;
  return new RedisRefusal(
    `${why}The Redis client is closed: this program closed it, or its \`retryStrategy\` gave up. Close it only after the ` +
      'subscriptions have ended; without a `retryStrategy` of its own ioredis never gives up.',
  );
}

/** Turns anything that ioredis throws into a failure. This is the only place that knows the errors of ioredis. */
export function redisFailure(thrown: unknown): RedisFailure {
  const said = messageOf(thrown);
  const cause = plainError(thrown, withoutArguments);
  if (thrown instanceof RedisRefusal) return { reason: said, retriable: false, isReplica: false, cause };
  const { advice, retriable, isReplica = false } = REFUSALS.find(({ begin }) => begin.test(said)) ?? UNKNOWN;
  return { reason: `${sentence(said)} ${advice}`, retriable, isReplica, cause };
}

const UNKNOWN = { advice: 'It is tried again.', retriable: true, isReplica: false };

/** Whether an error that ioredis emitted while it connects means that it will never connect. */
export function isFinal(error: unknown): boolean {
  return !redisFailure(error).retriable;
}

/** The message of an error; for an error of a cluster, the message of the node's error. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const node = 'lastNodeError' in thrown ? thrown.lastNodeError : undefined;
  if (node instanceof Error) return messageOf(node);
  // A Cluster that is redirected again and again is in the middle of a change.
  const last = /Last error: (?!(?:ReplyError: )?(?:MOVED|ASK) )(.*)/s.exec(thrown.message)?.[1];
  // Node reports a refused connection to a name with several addresses without a message.
  return replyIn(last ?? (thrown.message || ((thrown as NodeJS.ErrnoException).code ?? thrown.name)));
}

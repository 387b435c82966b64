import { asyncScheduler, distinctUntilChanged, Observable } from 'rxjs';
import type { Membership } from '@rxforce/core';
import { FailureRow, LONGEST_TIMER_MS, resolveLogger, wholeNumber } from '@rxforce/core/internal';
import type { EventLogError, Logger } from '@rxforce/core/model';
import { logFailure } from './log-errors.js';
import { membersKey } from './log-keys.js';
import { JOIN, LEAVE } from './log-scripts.js';
import { RedisConnection, type RedisConnectionOptions, type RedisSource } from './redis-connection.js';

/** How the members of a group are known. */
export interface RedisMembershipOptions extends RedisConnectionOptions {
  /**
   * How long a member counts that does not tell any more that it is there, in milliseconds, from 300. Partitions of one
   * that has died go to others after this time. Each member tells three times within it, and learns of others then.
   *
   * @defaultValue 10_000
   */
  readonly ttlMs?: number;
}

/** Who is there, on Redis. */
export interface RedisMembership extends Membership {
  /** Closes the connection, if it was made from options. Never rejects. */
  close(): Promise<void>;
}

/** How often a member tells that it is there, within its time to live. */
const CALLS = 3;

/**
 * Knows the members of each group by a sorted set on Redis: their names, and until when each counts by the clock of
 * Redis.
 *
 * While Redis is away, each member goes on with those that it knows. It warns of that, and tries again.
 *
 * @param redis - A client of ioredis, which the caller closes; or the options of one.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function redisMembership(redis: RedisSource, options: RedisMembershipOptions = {}): RedisMembership {
  const ttlMs = wholeNumber('ttlMs', options.ttlMs ?? 10_000, 300, LONGEST_TIMER_MS);
  const timeoutMs = options.timeoutMs ?? Math.min(5_000, Math.ceil(ttlMs / CALLS));
  const connection = new RedisConnection(redis, { ...options, timeoutMs });
  const logger = resolveLogger(options.logger);
  return {
    join: (group, member) =>
      new Observable<readonly string[]>((subscriber) => {
        const key = membersKey(connection.prefix, group);
        const member$ = new Member(connection, logger, { key, member, ttlMs }, (members) => subscriber.next(members));
        void member$.run((error) => subscriber.error(error));
        return () => member$.leave();
      }).pipe(distinctUntilChanged((one, other) => one.join('\n') === other.join('\n'))),
    close: () => connection.close(),
  };
}

/** One member, as long as it is in its group. */
class Member {
  private timer: NodeJS.Timeout | undefined;
  private hasLeft = false;
  private failures = 0;
  private readonly row = new FailureRow(asyncScheduler);
  private calling: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: RedisConnection,
    private readonly logger: Logger,
    private readonly of: { readonly key: string; readonly member: string; readonly ttlMs: number },
    private readonly emit: (members: readonly string[]) => void,
  ) {}

  /** @param failed - Called where Redis refuses for good. */
  async run(failed: (error: EventLogError) => void): Promise<void> {
    const { key, member, ttlMs } = this.of;
    const call = this.connection.run(JOIN, [key], [member, ttlMs], { lane: `${key} ${member}` });
    this.calling = call;
    const answer = await call;
    if (this.hasLeft) return;
    if (answer.err && !answer.val.retriable) {
      failed(logFailure('Telling the members of a group', answer.val));
      return;
    }
    if (answer.err) this.warn(answer.val.reason);
    else {
      this.failures = 0;
      this.emit([...(answer.val as readonly string[])].sort());
    }
    this.again(failed);
  }

  /** The listener may have left. */
  private again(failed: (error: EventLogError) => void): void {
    if (!this.hasLeft) this.timer = setTimeout(() => void this.run(failed), this.of.ttlMs / CALLS);
  }

  leave(): void {
    this.hasLeft = true;
    clearTimeout(this.timer);
    const { key, member } = this.of;
    // After a call that may be under way, which would join again. If it fails, the member's time runs out.
    void this.calling.then(() => this.connection.run(LEAVE, [key], [member], { lane: `${key} ${member}` }));
  }

  private warn(reason: string): void {
    if (!this.row.isDue(++this.failures)) return;
    this.logger.warn(`Redis does not tell who is in the group; the members that are known still count. ${reason}`);
  }
}

import { asyncScheduler, distinctUntilChanged, Observable } from 'rxjs';
import type { Membership } from '@rxforce/core';
import { FailureRow, LONGEST_TIMER_MS, resolveLogger, wholeNumber } from '@rxforce/core/internal';
import type { EventLogError, Logger, Result } from '@rxforce/core/model';
import { Bucket } from './bucket.js';
import { JetStreamConnection, type JetStreamOptions, type NatsSource } from './jet-stream-connection.js';
import { logFailure } from './log-errors.js';
import { checkedName, textOf, token } from './names.js';
import type { NatsFailure } from './nats-failure.js';

/** How the members of a group are known. */
export interface JetStreamMembershipOptions extends JetStreamOptions {
  /**
   * How long a member counts that does not tell any more that it is there, in milliseconds, from 300. Partitions of one
   * that has died go to others after this time. Each member tells three times within it, and learns of others then. All
   * members of one bucket have the same.
   *
   * @defaultValue 10_000
   */
  readonly ttlMs?: number;
  /**
   * The bucket of the members. Letters, digits, `_` and `-`.
   *
   * @defaultValue `'rxforce-members'`: the prefix, and `-members`
   */
  readonly bucket?: string;
  /**
   * Gets a warning when JetStream does not tell who is there.
   *
   * @defaultValue warnings to `console`
   */
  readonly logger?: Logger;
}

/** Who is there, on JetStream. */
export interface JetStreamMembership extends Membership {
  /** Resolves once those who have left are out of their groups, or it was tried. Never rejects. */
  close(): Promise<void>;
}

/** How often a member tells that it is there, within its time to live. */
const CALLS = 3;

/**
 * Knows the members of each group by a bucket of JetStream: a key for each member, which JetStream drops when it is not
 * written again for `ttlMs`.
 *
 * While JetStream is away, each member goes on with those that it knows. It warns of that, and tries again.
 *
 * @param connection - What `connect()` of `@nats-io/transport-node` resolves with, or a function that connects. The
 * caller closes it.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function jetStreamMembership(
  connection: NatsSource,
  options: JetStreamMembershipOptions = {},
): JetStreamMembership {
  const ttlMs = wholeNumber('ttlMs', options.ttlMs ?? 10_000, 300, LONGEST_TIMER_MS);
  const timeoutMs = options.timeoutMs ?? Math.min(5_000, Math.ceil(ttlMs / CALLS));
  const jetStream = new JetStreamConnection(connection, { ...options, timeoutMs });
  const { bucket = `${jetStream.prefix}-members` } = options;
  const members = new Bucket(jetStream, { name: checkedName('bucket', bucket), ttlMs });
  const logger = resolveLogger(options.logger);
  const leaving = new Set<Promise<unknown>>();
  return {
    join: (group, member) =>
      new Observable<readonly string[]>((subscriber) => {
        const one = new Member(members, logger, { group, member, ttlMs }, (names) => subscriber.next(names));
        void one.run((error) => subscriber.error(error));
        return () => {
          const left = one.leave().finally(() => leaving.delete(left));
          leaving.add(left);
        };
      }).pipe(distinctUntilChanged((one, other) => one.join('\n') === other.join('\n'))),
    close: () => Promise.all(leaving).then(() => undefined),
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
    private readonly members: Bucket,
    private readonly logger: Logger,
    private readonly of: { readonly group: string; readonly member: string; readonly ttlMs: number },
    private readonly emit: (members: readonly string[]) => void,
  ) {}

  /** @param failed - Called where JetStream refuses for good. */
  async run(failed: (error: EventLogError) => void): Promise<void> {
    const call = this.tell();
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
      this.emit(answer.val);
    }
    this.again(failed);
  }

  /** The listener may have left. */
  private again(failed: (error: EventLogError) => void): void {
    if (!this.hasLeft) this.timer = setTimeout(() => void this.run(failed), this.of.ttlMs / CALLS);
  }

  async leave(): Promise<void> {
    this.hasLeft = true;
    clearTimeout(this.timer);
    // After a call that may be under way, which would join again. If it fails, the member's time runs out.
    await this.calling;
    await this.members.remove(this.key);
  }

  private get key(): string {
    return `${token(this.of.group)}.${token(this.of.member)}`;
  }

  /** Tells that it is there, and asks who else is. */
  private async tell(): Promise<Result<readonly string[], NatsFailure>> {
    const told = await this.members.put(this.key, '');
    if (told.err) return told;
    const keys = await this.members.keys(`${token(this.of.group)}.*`);
    return keys.map((all) => all.map((key) => textOf(key.split('.')[1] ?? '')).sort());
  }

  private warn(reason: string): void {
    if (!this.row.isDue(++this.failures)) return;
    this.logger.warn(`JetStream does not tell who is in the group; the members that are known still count. ${reason}`);
  }
}

import type { Membership } from '@rxforce/core';
import {
  CALLS_A_LIFE,
  inGroup,
  LONGEST_TIMER_MS,
  resolveLogger,
  wholeNumber,
  type GroupMember,
} from '@rxforce/core/internal';
import type { Logger } from '@rxforce/core/model';
import { Bucket } from './bucket.js';
import { JetStreamConnection, type JetStreamOptions, type NatsSource } from './jet-stream-connection.js';
import { logFailure } from './log-errors.js';
import { checkedName, textOf, token } from './names.js';

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
  const timeoutMs = options.timeoutMs ?? Math.min(5_000, Math.ceil(ttlMs / CALLS_A_LIFE));
  const jetStream = new JetStreamConnection(connection, { ...options, timeoutMs });
  const { bucket = `${jetStream.prefix}-members` } = options;
  const members = new Bucket(jetStream, { name: checkedName('bucket', bucket), ttlMs });
  const rules = { engine: 'JetStream', ttlMs, logger: resolveLogger(options.logger), logFailure };
  const leaving = new Set<Promise<unknown>>();
  return {
    join: (group, member) =>
      inGroup(rules, memberOf(members, group, member), (left) => {
        leaving.add(left);
        void left.then(() => leaving.delete(left));
      }),
    close: () => Promise.all(leaving).then(() => undefined),
  };
}

function memberOf(members: Bucket, group: string, member: string): GroupMember {
  const key = `${token(group)}.${token(member)}`;
  return {
    tell: async () => {
      const told = await members.put(key, '');
      if (told.err) return told;
      const keys = await members.keys(`${token(group)}.*`);
      return keys.map((all) => all.map((each) => textOf(each.split('.')[1] ?? '')));
    },
    leave: () => members.remove(key),
  };
}

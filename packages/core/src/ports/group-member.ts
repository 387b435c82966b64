import { asyncScheduler, distinctUntilChanged, Observable, type Subscriber } from 'rxjs';
import type { Result } from '../model/result.js';
import type { EventLogError } from '../model/errors.js';
import type { EngineFailure } from './engine-failure.js';
import { FailureRow } from './failure-row.js';
import type { Logger } from './logger.js';

/** How often a member tells that it is there, within its time to live. */
export const CALLS_A_LIFE = 3;

/** One member of a group, as an engine has it. */
export interface GroupMember {
  /** Tells that it is there, and gives all that are. Never rejects. */
  readonly tell: () => Promise<Result<readonly string[], EngineFailure>>;
  /** Takes it out of the group. Never rejects. If it fails, the member's time runs out. */
  readonly leave: () => Promise<unknown>;
}

/** What all members on an engine share. */
export interface GroupRules {
  /** Such as `Redis`. */
  readonly engine: string;
  /** How long a member counts that does not tell any more that it is there, in milliseconds. */
  readonly ttlMs: number;
  readonly logger: Logger;
  /** Makes the error of a call that cannot work later either. */
  readonly logFailure: (what: string, failure: EngineFailure) => EventLogError;
}

/**
 * Has a member be in its group for as long as it is subscribed to. Emits the members whenever they change. While the
 * engine is away, the last ones count.
 *
 * @param leaving - Gets what settles once the member is out of its group, or it was tried.
 */
export function inGroup(
  rules: GroupRules,
  member: GroupMember,
  leaving: (left: Promise<unknown>) => void = () => undefined,
): Observable<readonly string[]> {
  return new Observable<readonly string[]>((subscriber) => {
    const presence = new Presence(rules, member, subscriber);
    void presence.tell();
    return () => leaving(presence.end());
  }).pipe(distinctUntilChanged((one, other) => one.join('\n') === other.join('\n')));
}

/** The calls of one member, as long as it is in its group. */
class Presence {
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;
  private calling: Promise<unknown> = Promise.resolve();
  private readonly row = new FailureRow(asyncScheduler);

  constructor(
    private readonly rules: GroupRules,
    private readonly member: GroupMember,
    private readonly subscriber: Subscriber<readonly string[]>,
  ) {}

  async tell(): Promise<void> {
    const call = this.member.tell();
    this.calling = call;
    const answer = await call;
    if (this.isOver()) return;
    if (answer.ok) {
      this.failures = 0;
      this.subscriber.next([...answer.val].sort());
    } else if (answer.val.retriable) this.warn(answer.val.reason);
    else this.subscriber.error(this.rules.logFailure('Telling the members of a group', answer.val));
    if (!this.isOver()) this.timer = setTimeout(() => void this.tell(), this.rules.ttlMs / CALLS_A_LIFE);
  }

  /** The listener may leave at any time, also while it is given something. */
  private isOver(): boolean {
    return this.subscriber.closed;
  }

  /** Ends after a call that may be under way, which would join again. */
  async end(): Promise<void> {
    clearTimeout(this.timer);
    await this.calling;
    await this.member.leave();
  }

  private warn(reason: string): void {
    const { engine, logger } = this.rules;
    if (!this.row.isDue(++this.failures)) return;
    logger.warn(`${engine} does not tell who is in the group; the members that are known still count. ${reason}`);
  }
}

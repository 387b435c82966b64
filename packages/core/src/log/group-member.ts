import { asyncScheduler, distinctUntilChanged, Observable, type SchedulerLike, type Subscriber, timer } from 'rxjs';
import type { EventLogError } from '../model/errors.js';
import type { Result } from '../model/result.js';
import type { EngineFailure } from '../ports/engine-failure.js';
import { FailureRow } from '../ports/failure-row.js';
import type { Logger } from '../ports/logger.js';

/** How often a member reports that it is there, within its time to live. */
export const CALLS_A_LIFE = 3;

/** One member of a group, as an engine has it. */
export interface GroupMember {
  /** Reports that it is there, and gives all that are. Never rejects. */
  readonly tell: () => Promise<Result<readonly string[], EngineFailure>>;
  /** Takes it out of the group. Never rejects. If it fails, the member's time runs out. */
  readonly leave: () => Promise<unknown>;
}

/** What all members on an engine share. */
export interface GroupRules {
  /** Such as `Redis`. */
  readonly engine: string;
  /** How long a member counts after its last report, in milliseconds. */
  readonly ttlMs: number;
  readonly logger: Logger;
  /** Makes the error of a call that cannot work later either. */
  readonly logFailure: (what: string, failure: EngineFailure) => EventLogError;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/**
 * Keeps a member in its group for as long as it is subscribed to. Emits the members whenever they change. While the
 * engine is away, the last ones count.
 *
 * @param leaving - Gets a promise, which settles once the member is out of its group, or has tried to leave it.
 */
export function inGroup(
  rules: GroupRules,
  member: GroupMember,
  leaving: (left: Promise<unknown>) => void = () => undefined,
): Observable<readonly string[]> {
  return new Observable<readonly string[]>((subscriber) => {
    const presence = new Presence(rules, member, subscriber);
    presence.tell();
    return () => leaving(presence.end());
  }).pipe(distinctUntilChanged((one, other) => one.join('\n') === other.join('\n')));
}

/** The calls of one member, as long as it is in its group. */
class Presence {
  private failures = 0;
  private calling: Promise<unknown> = Promise.resolve();
  private readonly scheduler: SchedulerLike;
  private readonly row: FailureRow;

  constructor(
    private readonly rules: GroupRules,
    private readonly member: GroupMember,
    private readonly subscriber: Subscriber<readonly string[]>,
  ) {
    this.scheduler = rules.scheduler ?? asyncScheduler;
    this.row = new FailureRow(this.scheduler);
  }

  tell(): void {
    this.calling = this.member.tell().then((answer) => this.answered(answer));
  }

  /** Ends after a call that may be under way, which would join again. */
  async end(): Promise<void> {
    await this.calling;
    await this.member.leave();
  }

  private answered(answer: Result<readonly string[], EngineFailure>): void {
    // The listener may leave at any time.
    if (this.subscriber.closed) return;
    if (answer.ok) {
      this.failures = 0;
      this.subscriber.next([...answer.val].sort());
    } else if (answer.val.retriable) this.warn(answer.val.reason);
    else this.subscriber.error(this.rules.logFailure('Telling the members of a group', answer.val));
    // A listener that has left meanwhile ends this timer at once.
    this.subscriber.add(timer(this.rules.ttlMs / CALLS_A_LIFE, this.scheduler).subscribe(() => this.tell()));
  }

  private warn(reason: string): void {
    const { engine, logger } = this.rules;
    if (!this.row.isDue(++this.failures)) return;
    logger.warn(`${engine} does not tell who is in the group; the members that are known still count. ${reason}`);
  }
}

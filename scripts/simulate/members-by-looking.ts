import { distinctUntilChanged, Observable, type SchedulerLike } from 'rxjs';
import type { Membership } from '@rxforce/core';

/** A clock. */
export type Clock = Pick<SchedulerLike, 'now'>;

/** Members are known by a list with times to live, as on Redis: each renews its time and looks, three times in each. */
export class MembersByLooking implements Membership {
  private readonly groups = new Map<string, Map<string, number>>();
  private readonly dead = new Set<string>();
  private looks = 0;

  constructor(
    private readonly ttlMs: number,
    private readonly scheduler: SchedulerLike,
  ) {}

  /** How often members have looked, since this was last asked. */
  takeLooks(): number {
    const { looks } = this;
    this.looks = 0;
    return looks;
  }

  /** The member looks no more, and its time runs out. */
  kill(member: string): void {
    this.dead.add(member);
  }

  join(group: string, member: string): Observable<readonly string[]> {
    const { ttlMs, scheduler } = this;
    const members = this.groups.get(group) ?? new Map<string, number>();
    this.groups.set(group, members);
    return new Observable<readonly string[]>((subscriber) => {
      const look = () => {
        if (this.dead.has(member)) return;
        this.looks++;
        const now = scheduler.now();
        members.set(member, now + ttlMs);
        subscriber.next(
          [...members]
            .filter(([, until]) => until > now)
            .map(([name]) => name)
            .sort(),
        );
        subscriber.add(scheduler.schedule(look, ttlMs / 3));
      };
      look();
      return () => {
        if (!this.dead.has(member)) members.delete(member);
      };
    }).pipe(distinctUntilChanged((one, other) => one.join('\n') === other.join('\n')));
  }
}

import { BehaviorSubject, finalize, map, type Observable } from 'rxjs';
import type { Membership } from '@rxforce/core';

/** The members of groups in this process. */
export class MemoryMembership implements Membership {
  private readonly groups = new Map<string, BehaviorSubject<readonly string[]>>();

  join(group: string, member: string): Observable<readonly string[]> {
    const members$ = this.groups.get(group) ?? new BehaviorSubject<readonly string[]>([]);
    this.groups.set(group, members$);
    members$.next([...members$.value, member]);
    return members$.pipe(
      map((members) => [...members].sort()),
      finalize(() => members$.next(members$.value.filter((each) => each !== member))),
    );
  }
}

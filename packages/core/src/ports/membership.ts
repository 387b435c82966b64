import type { Observable } from 'rxjs';

/**
 * Knows who is there, so that partitions can be shared out. It serves balance only: a lease makes sure that one member
 * at a time reads a partition. So the lists of members may differ for a while.
 */
export interface Membership {
  /**
   * Joins a group for as long as the Observable is subscribed to. Emits the live members, this one among them, now and
   * whenever they change. A member that died is among them for some seconds. Errors with an `EventLogError`; a
   * retriable one may pass, and the group is joined again.
   *
   * @param group - The name of the group.
   * @param member - The name of the member, which no other one has.
   */
  join(group: string, member: string): Observable<readonly string[]>;
}

import type { Observable } from 'rxjs';
import type { EventLog } from '../ports/event-log.js';
import type { Membership } from '../ports/membership.js';
import type { StreamContext } from '../subscribe/stream-context.js';
import type { LogGroups } from './log-groups.js';
import type { LogTransport } from './log-transport.js';

/** The parts of a client of an event log that its subscriptions use. */
export interface LogContext extends StreamContext {
  readonly transport: LogTransport;
  readonly log: EventLog;
  readonly membership: Membership | undefined;
  /** The name of this process among the members. */
  readonly memberName: string;
  /** Most events of one subscription that are outstanding or unsettled, of all its partitions together. */
  readonly windowTotal: number;
  /** The groups that it reads for. */
  readonly groups: LogGroups;
  /** Emits when the client is drained: partitions that wait for their leases are given up. */
  readonly draining$: Observable<unknown>;
}

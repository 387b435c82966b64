import type { SchedulerLike } from 'rxjs';
import type { SchemaRegistry } from '../codec/schema-registry.js';
import type { StreamEvent } from '../model/events.js';
import type { Logger } from '../ports/logger.js';
import type { ManagedTransport, Transport } from '../ports/transport.js';

/** The parts of a client that every subscription uses. */
export interface StreamContext {
  readonly transport: Pick<Transport, 'subscribe' | 'organization' | 'schema'>;
  readonly schemas: SchemaRegistry;
  readonly scheduler: SchedulerLike;
  /** Chance, from 0 to 1. */
  readonly random: () => number;
  /** Calls `work` in the next turn of the event loop, after pending writes. */
  readonly nextTurn: (work: () => void) => void;
  readonly logger: Logger;
  /** Writes a line for each event that is handed out. Absent unless everything is logged. */
  readonly logEvent?: (event: StreamEvent) => void;
}

/** The same, of a client that has managed subscriptions. */
export interface ManagedStreamContext extends StreamContext {
  readonly transport: Transport & ManagedTransport;
}

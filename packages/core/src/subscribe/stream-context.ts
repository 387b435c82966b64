import type { SchedulerLike } from 'rxjs';
import type { SchemaRegistry } from '../codec/schema-registry.js';
import type { Logger } from '../ports/logger.js';
import type { ManagedTransport, Transport } from '../ports/transport.js';

/** What every subscription of a client works with. */
export interface StreamContext {
  readonly transport: Transport & ManagedTransport;
  readonly schemas: SchemaRegistry;
  readonly scheduler: SchedulerLike;
  /** Chance, from 0 to 1. */
  readonly random: () => number;
  /** Does something in the next turn of the event loop, after what waits to be written was written. */
  readonly nextTurn: (work: () => void) => void;
  readonly logger: Logger;
}

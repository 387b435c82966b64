import type { ChangeEvent, PlatformEvent } from '@rxforce/core/model';
import type { Observable } from 'rxjs';
import type { Status } from '../../src/ports/status.js';
import { SchemaRegistry } from '../../src/codec/schema-registry.js';
import { managedStream as managedEvents } from '../../src/subscribe/event-stream.js';
import { resolveManagedOptions, type ManagedOptions } from '../../src/subscribe/managed-options.js';
import { ClientSubscriptions } from '../../src/subscribe/client-subscriptions.js';
import type { ManagedStreamContext } from '../../src/subscribe/stream-context.js';
import { FakeService } from './fake-service.js';
import { ManagedServer } from './managed-server.js';
import { see, seeHolding, SteppedTime, type Holding, type Seen } from './stepped-time.js';

/** What `client.managed('Sync')` makes, with a fake service behind it, in stepped time. */
export interface ManagedStream {
  readonly server: ManagedServer;
  readonly events$: Observable<ChangeEvent | PlatformEvent>;
  readonly statuses: Status[];
  readonly warnings: string[];
  readonly subscriptions: ClientSubscriptions;
  readonly time: SteppedTime;
  /** Lets this many milliseconds pass. */
  pass(ms: number): Promise<void>;
  subscribe(): Seen;
  subscribeHolding(): Holding;
}

/**
 * Makes a managed subscription that is stepped through by hand.
 *
 * @param parts - For several clients of one server, with one clock.
 */
export function managedStream(
  options: ManagedOptions = {},
  { server = new ManagedServer(), time = new SteppedTime(), idOrName = 'Sync' } = {},
): ManagedStream {
  server.later = (work) => void time.schedule(work);
  const service = new FakeService();
  const statuses: Status[] = [];
  const warnings: string[] = [];
  const subscriptions = new ClientSubscriptions();
  subscriptions.status$.subscribe((status) => void statuses.push(status));
  const transport: ManagedStreamContext['transport'] = Object.assign(service, {
    managedSubscribe: server.managedSubscribe.bind(server),
  });
  const context: ManagedStreamContext = {
    transport,
    schemas: new SchemaRegistry(service),
    scheduler: time,
    nextTurn: (work) => void time.schedule(work),
    logger: { warn: (message) => warnings.push(message) },
    random: () => 1,
  };
  const events$ = managedEvents(context, subscriptions, idOrName, resolveManagedOptions(idOrName, options));
  return {
    server,
    events$,
    statuses,
    warnings,
    subscriptions,
    time,
    pass: (ms) => time.pass(ms),
    subscribe: () => see(events$),
    subscribeHolding: () => seeHolding(events$),
  };
}

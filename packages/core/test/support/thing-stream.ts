import { BehaviorSubject, type Observable, type SchedulerLike } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core/model';
import type { Status } from '../../src/ports/status.js';
import { SchemaRegistry } from '../../src/schema/schema-registry.js';
import { changeEventOf, eventStream } from '../../src/subscribe/event-stream.js';
import { resolveSubscribeOptions, type SubscribeOptions } from '../../src/subscribe/options.js';
import type { StreamContext } from '../../src/subscribe/stream-run.js';
import { FakeService } from './fake-service.js';

/** The change events of the fake service's one topic, and all around them. */
export interface ThingStream {
  readonly service: FakeService;
  readonly events$: Observable<ChangeEvent<{ Name: string }>>;
  readonly statuses: Status[];
  readonly warnings: string[];
  readonly closed: BehaviorSubject<boolean>;
  /** Calls back at each status. */
  readonly onStatus: (listener: (status: Status) => void) => void;
}

/** What `client.changes('Thing')` makes, with a fake service behind it. */
export function thingStream(scheduler: SchedulerLike, options: SubscribeOptions = {}): ThingStream {
  const service = new FakeService();
  const statuses: Status[] = [];
  const warnings: string[] = [];
  const listeners: ((status: Status) => void)[] = [];
  const closed = new BehaviorSubject(false);
  const context: StreamContext = {
    transport: service,
    schemas: new SchemaRegistry(service),
    scheduler,
    nextTurn: (work) => {
      if (service.inRequest) scheduler.schedule(work);
      else service.nextTurn(work);
    },
    logger: { warn: (message) => warnings.push(message) },
    closed,
    report: (make) => {
      const status = make();
      statuses.push(status);
      listeners.forEach((listener) => listener(status));
    },
  };
  const events$ = eventStream(context, '/data/ThingChangeEvent', resolveSubscribeOptions(options), changeEventOf);
  return {
    service,
    events$: events$,
    statuses,
    warnings,
    closed,
    onStatus: (listener) => void listeners.push(listener),
  };
}

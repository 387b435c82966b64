import type { Observable } from 'rxjs';
import { eventSchema, type EventSchema } from '../../../../core/src/codec/event-schema.js';
import { SchemaRegistry } from '../../../../core/src/codec/schema-registry.js';
import { changeEventOf } from '../../../../core/src/subscribe/event-of.js';
import { topicStream } from '../../../../core/src/subscribe/event-stream.js';
import { resolveSubscribeOptions, type SubscribeOptions } from '../../../../core/src/subscribe/options.js';
import { ClientSubscriptions } from '../../../../core/src/subscribe/client-subscriptions.js';
import type { ActiveSubscription } from '../../../../core/src/subscribe/active-subscription.js';
import type { Status } from '../../../../core/src/ports/status.js';
import type { EventLog, Thing } from './event-log.js';
import type { Life } from './life.js';
import { LogService, type ServiceListener, type ServiceTraits } from './log-service.js';
import { ProcessScheduler, type StepScheduler } from './step-scheduler.js';

/** Notes its subscriptions, so that their positions can be looked at. */
class NotedSubscriptions extends ClientSubscriptions {
  readonly all: ActiveSubscription<unknown>[] = [];

  override add(subscription: ActiveSubscription<unknown>): void {
    this.all.push(subscription);
    super.add(subscription);
  }
}

const schemas = new Map<string, EventSchema>();

/** Reads each schema once for all processes: there are thousands. */
const readOnce: typeof eventSchema = (json, id, policy) => {
  const schema = schemas.get(id) ?? eventSchema(json, id, policy);
  schemas.set(id, schema);
  return schema;
};

/** What a process is started with. */
export interface ProcessSettings {
  readonly clock: StepScheduler;
  readonly log: EventLog;
  readonly service: ServiceTraits;
  /** Makes the options of its one stream, by its clock. */
  readonly options: (scheduler: ProcessScheduler) => SubscribeOptions;
  readonly random: () => number;
  readonly listener: ServiceListener & {
    told(status: Status, life: Life): void;
    warned(message: string): void;
  };
}

/** A process with one client and one stream, from its start to its death. */
export class Process {
  readonly scheduler: ProcessScheduler;
  readonly service: LogService;
  readonly subscriptions = new NotedSubscriptions();
  readonly events$: Observable<Thing>;
  /** Its subscriptions, in order. */
  readonly lives: Life[] = [];
  /** Whether it is about to die of an error that nobody caught. */
  doomed = false;

  constructor({ clock, log, service: traits, options, random, listener }: ProcessSettings) {
    const scheduler = new ProcessScheduler(clock);
    const service = new LogService(log, traits, scheduler, listener);
    this.scheduler = scheduler;
    this.service = service;
    this.subscriptions.status$.subscribe((status) => listener.told(status, this.lives[status.subscription! - 1]!));
    const context = {
      transport: service,
      schemas: new SchemaRegistry(service, 'verify', undefined, readOnce),
      scheduler,
      nextTurn: (work: () => void) => void scheduler.schedule(work),
      logger: { warn: (message: string) => listener.warned(message) },
      random,
    };
    const resolved = resolveSubscribeOptions(options(scheduler));
    const events$: Observable<unknown> = topicStream(
      context,
      this.subscriptions,
      '/data/ThingChangeEvent',
      resolved,
      changeEventOf,
    );
    this.events$ = events$ as Observable<Thing>;
  }
}

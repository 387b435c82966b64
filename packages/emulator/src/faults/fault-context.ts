import { ConfigurationError } from '@rxforce/core/model';
import type { Bus } from '../bus/bus.js';
import type { Topic } from '../bus/topic.js';
import type { CallSettings } from '../grpc/call-settings.js';
import type { PubSubServer } from '../grpc/pubsub-server.js';
import type { ManagedSubscriptions } from '../managed/managed-subscriptions.js';
import type { MemoryOrg } from '../org/org.js';
import type { LoginRefusals } from '../sessions/login-refusals.js';
import type { Sessions } from '../sessions/sessions.js';
import type { RestState } from '../rest/rest-state.js';
import type { CommitDelays } from './commit-delays.js';
import type { Corruptions } from './corruptions.js';
import { suggestion } from '../model/option-checks.js';
import type { Reports } from './reports.js';

/** The parts of the emulator that faults act on. */
export interface FaultContext {
  readonly bus: Bus;
  readonly org: MemoryOrg;
  readonly managed: ManagedSubscriptions;
  readonly server: PubSubServer;
  readonly settings: CallSettings;
  readonly sessions: Sessions;
  readonly refusals: LoginRefusals;
  readonly corruptions: Corruptions;
  readonly reports: Reports;
  readonly delays: CommitDelays;
  readonly rest: RestState;
  /** Aborted when the emulator stops, so that delayed faults do not happen any more. */
  readonly stopping: AbortSignal;
}

/**
 * The topic of that name.
 *
 * @throws `ConfigurationError` when it does not exist.
 */
export function topicNamed(bus: Bus, name: string): Topic {
  const topic = bus.topic(name);
  if (topic === undefined) {
    throw new ConfigurationError(
      `The emulated org has no topic "${name}". Names are case-sensitive, such as /data/AccountChangeEvent.` +
        suggestion(name, bus.topicNames()),
    );
  }
  return topic;
}

/**
 * The topic that an option names; `undefined` where it names none.
 *
 * @throws `ConfigurationError` when it does not exist.
 */
export function topicOption(bus: Bus, name: string | undefined): Topic | undefined {
  return name === undefined ? undefined : topicNamed(bus, name);
}

/** How the values of an instrument are put together. */
export type InstrumentKind = 'counter' | 'gauge' | 'histogram';

/** Something that is measured. */
export interface Instrument {
  /** Its name in OpenTelemetry. */
  readonly name: string;
  readonly kind: InstrumentKind;
  /** Its unit in UCUM, such as `s`. A unit in braces only says what is counted. */
  readonly unit: string;
  /** What a value of it says. */
  readonly description: string;
  /** The names of all attributes that its values can have. Some of them may be absent. */
  readonly attributes: readonly string[];
  /** The upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

/** The names of the attributes of instruments, and of spans where they have them. */
export const ATTRIBUTES = {
  system: 'messaging.system',
  topic: 'messaging.destination.name',
  group: 'messaging.consumer.group.name',
  partition: 'messaging.destination.partition.id',
  operation: 'messaging.operation.name',
  org: 'rxforce.org',
  error: 'error.type',
  outcome: 'rxforce.outcome',
  queue: 'rxforce.queue',
  part: 'rxforce.part',
  state: 'rxforce.state',
  policy: 'rxforce.policy',
  beside: 'rxforce.beside',
  entity: 'rxforce.entity',
  sink: 'rxforce.sink',
} as const;

/** The value of `messaging.system`. The conventions have none that fits, and allow others. */
export const MESSAGING_SYSTEM = 'salesforce_pubsub';

/** What a subscription does, as the attribute `rxforce.state` has it. */
export const SUBSCRIPTION_STATES = [
  'connecting',
  'connected',
  'live',
  'parked',
  'waiting',
  'standby',
  'draining',
  'closed',
] as const;

/** The buckets that the conventions recommend for durations, in seconds. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;
/** From a tenth of a second to half a day. */
const LAGS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200] as const;

const { system, topic, group, partition, operation, org, error, outcome, queue } = ATTRIBUTES;
const { part, state, policy, beside, entity, sink } = ATTRIBUTES;
const OF_A_CLIENT = [system, org] as const;
const OF_A_SUBSCRIPTION = [system, topic, group, org] as const;
const OF_A_TOPIC = [system, topic, org] as const;

/**
 * All instruments. Their names are those of OpenTelemetry's conventions for messaging where these have one (as of
 * August 2026; they are not stable), and begin with `rxforce.` otherwise.
 */
export const INSTRUMENTS = [
  {
    name: 'messaging.client.consumed.messages',
    kind: 'counter',
    unit: '{message}',
    description: 'Events that came to a measured pipeline.',
    attributes: [...OF_A_SUBSCRIPTION, operation],
  },
  {
    name: 'messaging.process.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time from when an event came to a measured pipeline until it was settled.',
    attributes: [...OF_A_SUBSCRIPTION, operation],
    buckets: DURATIONS,
  },
  {
    name: 'messaging.client.operation.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time that a commit, or the answer to a request to publish, took.',
    attributes: [...OF_A_SUBSCRIPTION, operation, error],
    buckets: DURATIONS,
  },
  {
    name: 'messaging.client.sent.messages',
    kind: 'counter',
    unit: '{message}',
    description: 'Attempts to publish an event, with the reason where the event was not published.',
    attributes: [...OF_A_TOPIC, operation, error],
  },
  {
    name: 'rxforce.event.lag',
    kind: 'histogram',
    unit: 's',
    description: 'Time from the commit of a change in the org until its event was settled.',
    attributes: OF_A_SUBSCRIPTION,
    buckets: LAGS,
  },
  {
    name: 'rxforce.events.unsettled',
    kind: 'counter',
    unit: '{event}',
    description: 'Events of a measured pipeline whose work failed or was unsubscribed. They come again.',
    attributes: OF_A_SUBSCRIPTION,
  },
  {
    name: 'rxforce.events.undecodable',
    kind: 'counter',
    unit: '{event}',
    description: 'Events that could not be decoded.',
    attributes: OF_A_SUBSCRIPTION,
  },
  {
    name: 'rxforce.attempts',
    kind: 'counter',
    unit: '{attempt}',
    description: 'Attempts at work that succeeded or are tried again, and letters that were put aside.',
    attributes: [...OF_A_TOPIC, outcome],
  },
  {
    name: 'rxforce.dead_letters',
    kind: 'gauge',
    unit: '{letter}',
    description: 'Letters in a dead-letter queue.',
    attributes: [queue],
  },
  {
    name: 'rxforce.window.used',
    kind: 'gauge',
    unit: '{event}',
    description: 'Events that take up room in the window: outstanding, unsettled or uncommitted.',
    attributes: [...OF_A_SUBSCRIPTION, part],
  },
  {
    name: 'rxforce.window.size',
    kind: 'gauge',
    unit: '{event}',
    description: 'Events that the window has room for.',
    attributes: OF_A_SUBSCRIPTION,
  },
  {
    name: 'rxforce.subscription.state',
    kind: 'gauge',
    unit: '{subscription}',
    description: 'Subscriptions in a state. The state closed is 1 where none is left.',
    attributes: [...OF_A_SUBSCRIPTION, state],
  },
  {
    name: 'rxforce.streams.opened',
    kind: 'counter',
    unit: '{stream}',
    description: 'Streams that were opened, with the error that ended the stream before.',
    attributes: [...OF_A_SUBSCRIPTION, error],
  },
  {
    name: 'rxforce.pressure',
    kind: 'counter',
    unit: '{time}',
    description: 'Times that the window was full of unsettled events, so that nothing more came.',
    attributes: OF_A_SUBSCRIPTION,
  },
  {
    name: 'rxforce.logins',
    kind: 'counter',
    unit: '{login}',
    description: 'Logins, with the reason where one failed.',
    attributes: [...OF_A_CLIENT, error],
  },
  {
    name: 'rxforce.commit.time',
    kind: 'gauge',
    unit: 's',
    description: 'When a position was last made durable, in seconds since 1970.',
    attributes: OF_A_SUBSCRIPTION,
  },
  {
    name: 'rxforce.commit.failures',
    kind: 'counter',
    unit: '{failure}',
    description: 'Attempts to save a position that failed.',
    attributes: [...OF_A_SUBSCRIPTION, error],
  },
  {
    name: 'rxforce.commit.gap',
    kind: 'gauge',
    unit: 's',
    description: 'How long one unsettled event has held up the position. 0 after the next commit.',
    attributes: OF_A_SUBSCRIPTION,
  },
  {
    name: 'rxforce.replay.resets',
    kind: 'counter',
    unit: '{reset}',
    description: 'Times that a stream did not continue where it was. Events may be missing.',
    attributes: [...OF_A_SUBSCRIPTION, policy],
  },
  {
    name: 'rxforce.lease.held',
    kind: 'gauge',
    unit: '{lease}',
    description: 'Whether this process has the lease: 1 or 0.',
    attributes: OF_A_SUBSCRIPTION,
  },
  {
    name: 'rxforce.settled_early',
    kind: 'counter',
    unit: '{event}',
    description: 'Events that reached an operator after they had counted as done.',
    attributes: [...OF_A_SUBSCRIPTION, beside],
  },
  {
    name: 'rxforce.log.lag',
    kind: 'gauge',
    unit: '{event}',
    description: 'Events of an event log that follow the last commit, of each partition that this process reads.',
    attributes: [...OF_A_SUBSCRIPTION, partition],
  },
  {
    name: 'rxforce.log.lag.age',
    kind: 'gauge',
    unit: 's',
    description: 'How long ago the first of these events came into the log. 0 where none follows.',
    attributes: [...OF_A_SUBSCRIPTION, partition],
  },
  {
    name: 'rxforce.snapshot.rows',
    kind: 'counter',
    unit: '{row}',
    description: 'Records that a snapshot has read.',
    attributes: [...OF_A_SUBSCRIPTION, entity],
  },
  {
    name: 'rxforce.sink.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Time that a call of a sink took, with the error where it failed.',
    attributes: [sink, error],
    buckets: DURATIONS,
  },
] as const satisfies readonly Instrument[];

/** The name of an instrument in OpenTelemetry. */
export type InstrumentName = (typeof INSTRUMENTS)[number]['name'];

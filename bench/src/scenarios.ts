import type { ClientName } from './clients.js';
import type { Measurement, Stretch } from './processes/messages.js';

/** A figure of a client: a measurement, by itself or beside another client's in the same run. */
export interface Figure {
  readonly measurement: Measurement;
  readonly beside?: {
    readonly client: ClientName;
    readonly as: 'ratio' | 'difference';
  };
}

/** What is wanted of a figure. */
export interface Target extends Figure {
  readonly client: ClientName;
  readonly bound: 'at most' | 'at least';
  readonly wanted: number;
}

/** A comparison of clients under the same conditions. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly clients: readonly ClientName[];
  /** What the report shows of each client. */
  readonly figures: readonly Figure[];
  readonly targets: readonly Target[];
  /** Whether `--quick` runs it. */
  readonly quick: boolean;
  /** How often a run is made for each one asked for: more where a run is short. */
  readonly repeats: number;
  /** Whether the first event ends a client. */
  readonly firstEventOnly: boolean;
  /** How much longer a round trip takes than the machine needs. */
  readonly delayMs: number;
  /**
   * Time that every client's handler keeps the processor busy for each event. The work is synchronous, because the
   * other client calls its handler and waits for nothing: with asynchronous work it would ask for more at once,
   * whatever the handler still has to do, and the comparison would be one of unbounded queues.
   */
  readonly workMs: number;
  readonly warmUp: Stretch;
  readonly measured: Stretch;
}

const ratio = (measurement: Measurement, client: ClientName): Figure => ({
  measurement,
  beside: { client, as: 'ratio' },
});
const over = (measurement: Measurement, client: ClientName): Figure => ({
  measurement,
  beside: { client, as: 'difference' },
});
const atMost = (wanted: number, client: ClientName, figure: Figure): Target => ({
  ...figure,
  client,
  bound: 'at most',
  wanted,
});
const atLeast = (wanted: number, client: ClientName, figure: Figure): Target => ({
  ...figure,
  client,
  bound: 'at least',
  wanted,
});

/** What holds where a scenario says nothing else: CPU counts once the code is compiled and the pools are filled. */
const STEADY = {
  quick: false,
  repeats: 1,
  firstEventOnly: false,
  delayMs: 0,
  workMs: 0,
  warmUp: { events: 150_000, longestMs: 10_000 },
  measured: { events: 300_000, longestMs: 3_000 },
} as const;

const CPU: Figure = { measurement: 'cpuMicros' };
const RATE: Figure = { measurement: 'eventsPerSecond' };
const RSS: Figure = { measurement: 'rssMb' };
const HEAP: Figure = { measurement: 'heapKb' };

/** What is compared. */
export const SCENARIOS: readonly Scenario[] = [
  {
    ...STEADY,
    name: 'start',
    title: 'from the start of the process to its first event',
    clients: ['rxforce', 'rxforce-fields', 'other', 'hand-written', 'no-decoding'],
    figures: [{ measurement: 'startCpuMs' }, ratio('startCpuMs', 'hand-written'), { measurement: 'startWallMs' }, RSS],
    targets: [atMost(1.1, 'rxforce', ratio('startCpuMs', 'hand-written')), atMost(78, 'rxforce', RSS)],
    quick: true,
    repeats: 3,
    firstEventOnly: true,
  },
  {
    ...STEADY,
    name: 'throughput',
    title: 'everything handled at once',
    clients: ['rxforce', 'other', 'hand-written', 'hand-written-unsafe', 'no-decoding'],
    figures: [CPU, ratio('cpuMicros', 'hand-written'), RATE, ratio('eventsPerSecond', 'other'), RSS],
    targets: [
      atMost(0.5, 'rxforce', ratio('cpuMicros', 'hand-written')),
      atLeast(0.9, 'rxforce', ratio('eventsPerSecond', 'no-decoding')),
      atLeast(10, 'rxforce', ratio('eventsPerSecond', 'other')),
    ],
    quick: true,
  },
  {
    ...STEADY,
    name: 'fields',
    title: 'two fields wanted of 86',
    clients: ['rxforce', 'rxforce-fields', 'hand-written'],
    figures: [CPU, ratio('cpuMicros', 'hand-written'), RATE],
    targets: [atMost(0.45, 'rxforce-fields', ratio('cpuMicros', 'hand-written'))],
    quick: true,
  },
  {
    ...STEADY,
    name: 'operators',
    title: 'what operators cost over the bare stream, when every event passes',
    clients: [
      'rxforce',
      'operator-byChangeType',
      'operator-filterField',
      'operator-batchBy',
      'operator-retryWithDLQ',
      'operator-handle',
      'operator-together',
      'operator-rxjs',
    ],
    figures: [CPU, over('cpuMicros', 'rxforce'), RATE],
    targets: [
      atMost(1, 'operator-together', over('cpuMicros', 'rxforce')),
      atMost(1.5, 'operator-retryWithDLQ', over('cpuMicros', 'rxforce')),
    ],
    quick: true,
  },
  {
    ...STEADY,
    name: 'telemetry',
    title: 'what telemetry costs, without an SDK that does something with it',
    clients: ['telemetry-none', 'telemetry-all', 'telemetry-batch-none', 'telemetry-batch-all'],
    figures: [
      CPU,
      over('cpuMicros', 'telemetry-none'),
      ratio('eventsPerSecond', 'telemetry-none'),
      ratio('eventsPerSecond', 'telemetry-batch-none'),
    ],
    targets: [
      atLeast(0.97, 'telemetry-all', ratio('eventsPerSecond', 'telemetry-none')),
      atLeast(0.97, 'telemetry-batch-all', ratio('eventsPerSecond', 'telemetry-batch-none')),
    ],
  },
  {
    ...STEADY,
    name: 'codec',
    title: 'payloads decoded, and nothing else',
    clients: ['codec-rxforce', 'codec-rxforce-fields', 'codec-avsc'],
    figures: [CPU, ratio('cpuMicros', 'codec-avsc')],
    targets: [],
    quick: true,
  },
  {
    ...STEADY,
    name: 'latency',
    title: '1,000 events a second, from the sending to the handler',
    clients: ['rxforce-latency', 'hand-written-latency'],
    figures: [{ measurement: 'p50Ms' }, { measurement: 'p99Ms' }, ratio('p99Ms', 'hand-written-latency')],
    targets: [atMost(1.1, 'rxforce-latency', ratio('p99Ms', 'hand-written-latency'))],
    quick: true,
    // As in the other scenarios, Node has compiled what is used often.
    warmUp: { events: 3_000, longestMs: 4_000 },
    measured: { events: 5_000, longestMs: 5_000 },
  },
  {
    ...STEADY,
    name: 'memory',
    title: '100 subscriptions in one process, each with handle()',
    clients: ['memory-idle', 'memory-handled', 'memory-full'],
    figures: [HEAP],
    targets: [atMost(35, 'memory-idle', HEAP), atMost(60, 'memory-handled', HEAP), atMost(400, 'memory-full', HEAP)],
    quick: true,
  },
  {
    ...STEADY,
    name: 'many',
    title: 'many subscriptions in one process, each with all events',
    clients: ['many-1', 'many-10', 'many-100', 'many-1000'],
    figures: [CPU, ratio('cpuMicros', 'many-1'), RATE, RSS],
    targets: (['many-10', 'many-100', 'many-1000'] as const).map((name) =>
      atMost(1.1, name, ratio('cpuMicros', 'many-1')),
    ),
    warmUp: { events: 300_000, longestMs: 10_000 },
  },
  {
    ...STEADY,
    name: 'publish',
    title: 'platform events published, as fast as the answers come',
    clients: ['rxforce-publish', 'other-publish', 'other-publish-batches', 'hand-written-publish'],
    figures: [CPU, ratio('cpuMicros', 'hand-written-publish'), RATE, ratio('eventsPerSecond', 'other-publish')],
    targets: [],
  },
  {
    ...STEADY,
    name: 'commits',
    title: 'a round trip of 5 ms more, with the position made durable',
    clients: ['rxforce', 'rxforce-file-store'],
    figures: [RATE, ratio('eventsPerSecond', 'rxforce'), CPU],
    targets: [atLeast(0.98, 'rxforce-file-store', ratio('eventsPerSecond', 'rxforce'))],
    delayMs: 5,
    warmUp: { events: 150_000, longestMs: 1_500 },
    measured: { events: 300_000, longestMs: 1_500 },
  },
  {
    // A crash repeats a window at most. So a window that is handled in less time than the disk needs waits for the
    // disk.
    ...STEADY,
    name: 'commits-at-once',
    title: 'as throughput, with the position made durable',
    clients: ['rxforce', 'rxforce-file-store', 'rxforce-file-store-wide'],
    figures: [RATE, ratio('eventsPerSecond', 'rxforce'), CPU],
    targets: [atLeast(0.98, 'rxforce-file-store-wide', ratio('eventsPerSecond', 'rxforce'))],
  },
  {
    ...STEADY,
    name: 'slow',
    title: 'a round trip of 50 ms more, 1 ms of work an event',
    clients: ['rxforce', 'other', 'hand-written'],
    figures: [RATE, ratio('eventsPerSecond', 'other')],
    targets: [atLeast(1.4, 'rxforce', ratio('eventsPerSecond', 'other'))],
    delayMs: 50,
    workMs: 1,
    warmUp: { events: 150_000, longestMs: 800 },
    measured: { events: 300_000, longestMs: 2_000 },
  },
  {
    ...STEADY,
    name: 'redis',
    title: 'a round trip of 5 ms more, with the position on Redis',
    clients: ['rxforce-memory-store', 'rxforce-redis-store'],
    figures: [RATE, ratio('eventsPerSecond', 'rxforce-memory-store'), CPU],
    targets: [atLeast(0.95, 'rxforce-redis-store', ratio('eventsPerSecond', 'rxforce-memory-store'))],
    delayMs: 5,
    warmUp: { events: 150_000, longestMs: 1_500 },
    measured: { events: 300_000, longestMs: 1_500 },
  },
  {
    ...STEADY,
    name: 'log',
    title: 'events relayed into a log on Redis or JetStream, and read from there',
    clients: ['rxforce', 'rxforce-relay', 'rxforce-worker', 'rxforce-relay-jetstream', 'rxforce-worker-jetstream'],
    figures: [CPU, over('cpuMicros', 'rxforce'), RATE, ratio('eventsPerSecond', 'rxforce'), RSS],
    targets: [atLeast(20_000, 'rxforce-relay', RATE), atLeast(40_000, 'rxforce-worker', RATE)],
    warmUp: { events: 60_000, longestMs: 10_000 },
    measured: { events: 150_000, longestMs: 5_000 },
  },
];

/** All names, as `--scenario` takes them. */
export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map(({ name }) => name);

/** A scenario as `--quick` runs it: for a look, not for a figure that is quoted. */
export function quickly(scenario: Scenario): Scenario {
  const shorter = ({ events, longestMs }: Stretch, most: Stretch) => ({
    events: Math.min(events, most.events),
    longestMs: Math.min(longestMs, most.longestMs),
  });
  return {
    ...scenario,
    repeats: Math.min(scenario.repeats, 2),
    warmUp: shorter(scenario.warmUp, { events: 50_000, longestMs: 2_000 }),
    measured: shorter(scenario.measured, { events: 40_000, longestMs: 1_000 }),
  };
}

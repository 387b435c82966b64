import type { ClientName } from './clients.js';

/** A ratio of events per second that is wanted. */
export interface Target {
  readonly client: ClientName;
  readonly to: ClientName;
  readonly least: number;
}

/** A comparison of clients under the same conditions. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly clients: readonly ClientName[];
  /** Those of them that need no median: one run is enough to see a limit. */
  readonly onceOnly: readonly ClientName[];
  /** How much longer a round trip takes than the machine needs. */
  readonly delayMs: number;
  /**
   * Time that every client's handler keeps the processor busy for each event. The work is synchronous, because the other
   * client calls its handler and waits for nothing: with asynchronous work it would ask for more at once, whatever the
   * handler still has to do, and the comparison would be one of unbounded queues.
   */
  readonly workMs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly targets: readonly Target[];
}

/** Enough for a steady figure, and a bound for fast machines. */
export const MAX_EVENTS = 200_000;

/** What is compared. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'throughput',
    title: 'everything handled at once',
    clients: ['rxforce', 'rxforce-handle', 'other', 'hand-written', 'hand-written-unsafe', 'no-decoding'],
    onceOnly: ['no-decoding'],
    delayMs: 0,
    workMs: 0,
    warmUpMs: 1_200,
    measureMs: 1_500,
    targets: [
      { client: 'rxforce', to: 'other', least: 4 },
      { client: 'rxforce', to: 'hand-written', least: 0.8 },
    ],
  },
  {
    name: 'commits',
    title: 'a round trip of 5 ms more, with the position made durable',
    clients: ['rxforce', 'rxforce-file-store'],
    onceOnly: [],
    delayMs: 5,
    workMs: 0,
    warmUpMs: 1_200,
    measureMs: 1_500,
    targets: [{ client: 'rxforce-file-store', to: 'rxforce', least: 0.98 }],
  },
  {
    // A crash repeats a window at most. So a window that is handled in less time than the disk needs waits for the disk.
    name: 'commits-at-once',
    title: 'as throughput, with the position made durable',
    clients: ['rxforce', 'rxforce-file-store', 'rxforce-file-store-wide'],
    onceOnly: [],
    delayMs: 0,
    workMs: 0,
    warmUpMs: 1_200,
    measureMs: 1_500,
    targets: [{ client: 'rxforce-file-store-wide', to: 'rxforce', least: 0.98 }],
  },
  {
    name: 'slow',
    title: 'a round trip of 50 ms more, 1 ms of work an event',
    clients: ['rxforce', 'rxforce-handle', 'other', 'hand-written'],
    onceOnly: [],
    delayMs: 50,
    workMs: 1,
    warmUpMs: 800,
    measureMs: 2_000,
    targets: [{ client: 'rxforce', to: 'other', least: 1.4 }],
  },
  {
    name: 'redis',
    title: 'a round trip of 5 ms more, with the position on Redis',
    clients: ['rxforce-memory-store', 'rxforce-redis-store'],
    onceOnly: [],
    delayMs: 5,
    workMs: 0,
    warmUpMs: 1_200,
    measureMs: 1_500,
    targets: [{ client: 'rxforce-redis-store', to: 'rxforce-memory-store', least: 0.95 }],
  },
  {
    name: 'pipeline',
    title: 'as throughput, through filters, batches of 50, retries and a dead-letter queue',
    clients: ['rxforce', 'rxforce-pipeline'],
    onceOnly: [],
    delayMs: 0,
    workMs: 0,
    warmUpMs: 1_200,
    measureMs: 1_500,
    targets: [{ client: 'rxforce-pipeline', to: 'rxforce', least: 0.7 }],
  },
];

/** Memory of many subscriptions in one process. */
export const MEMORY = {
  name: 'memory',
  title: '100 subscriptions of rxforce in one process',
  subscriptions: 100,
  /** As many as a window holds: a handler that never finishes gets no more. */
  eventsEach: 200,
  mostMbEach: 1,
} as const;

/** All names, as `--scenario` takes them. */
export const SCENARIO_NAMES: readonly string[] = [...SCENARIOS.map(({ name }) => name), MEMORY.name];

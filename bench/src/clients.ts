import type { LogEngine } from './clients/own-log.js';
import { PIPELINE_NAMES, type PipelineName } from './clients/pipelines.js';
import { TOPICS } from './server/topics.js';

/** A way to receive or to publish events, or a part of one, that is run in a process of its own. */
export interface Client {
  /** As reports call it. */
  readonly label: string;
  /** The module in `clients/`. */
  readonly module: string;
  /** What the module is told beside what all are. */
  readonly parameters?: object;
  /** Node's own options. */
  readonly execArgv?: readonly string[];
}

/** Two fields of the 86. */
const FIELDS = ['Name', 'LastModifiedDate'];

/** As many as the server gives for `memory`, and as many as a window holds. */
const WINDOW = 200;

const PIPELINE_LABELS: Readonly<Record<PipelineName, string>> = {
  byChangeType: 'byChangeType',
  filterField: 'filterField',
  batchBy: 'batchBy(50)',
  retryWithDLQ: 'retryWithDLQ, event by event',
  handle: 'handle',
  together: 'byChangeType, filterField, batchBy(50), retryWithDLQ',
  rxjs: 'plain RxJS: filter, bufferCount(50), concatMap',
};

const operators = PIPELINE_NAMES.map((pipeline): [`operator-${PipelineName}`, Client] => [
  `operator-${pipeline}`,
  { label: PIPELINE_LABELS[pipeline], module: 'rxforce-operators', parameters: { pipeline } },
]);

const many = (subscriptions: number): Client => ({
  label: `rxforce, ${subscriptions.toLocaleString('en')} subscription${subscriptions === 1 ? '' : 's'}`,
  module: 'rxforce-many',
  parameters: { subscriptions },
});

const telemetry = (label: string, parameters: { readonly batch: number; readonly isObserved: boolean }): Client => ({
  ...{ label, module: 'rxforce-telemetry', parameters },
});

const relay = (name: string, engine: LogEngine): Client => ({
  ...{ label: `rxforce, relayTo() a log on ${name}`, module: 'rxforce-relay', parameters: { engine } },
});

const worker = (name: string, engine: LogEngine): Client => ({
  ...{ label: `rxforce, a worker of 16 partitions on ${name}`, module: 'rxforce-worker', parameters: { engine } },
});

const memory = (label: string, parameters: object): Client => ({
  label,
  module: 'rxforce-memory',
  parameters: { subscriptions: 100, ...parameters },
  execArgv: ['--expose-gc'],
});

/** The clients by name. */
export const CLIENTS = {
  rxforce: { label: 'rxforce', module: 'rxforce' },
  'rxforce-fields': { label: 'rxforce, 2 fields of 86', module: 'rxforce', parameters: { fields: FIELDS } },
  'rxforce-file-store': {
    label: 'rxforce, position in a file',
    module: 'rxforce-file-store',
    parameters: { window: WINDOW },
  },
  'rxforce-file-store-wide': {
    label: 'the same, a window of 20,000',
    module: 'rxforce-file-store',
    parameters: { window: 20_000 },
  },
  'rxforce-memory-store': { label: 'rxforce, position in memory', module: 'rxforce-memory-store' },
  'rxforce-redis-store': { label: 'rxforce, position on Redis', module: 'rxforce-redis-store' },
  'rxforce-relay': relay('Redis', 'redis'),
  'rxforce-worker': worker('Redis', 'redis'),
  'rxforce-relay-jetstream': relay('JetStream', 'jetstream'),
  'rxforce-worker-jetstream': worker('JetStream', 'jetstream'),
  'rxforce-latency': { label: 'rxforce', module: 'rxforce-latency' },
  'rxforce-publish': { label: 'rxforce, publisher()', module: 'rxforce-publish' },
  ...(Object.fromEntries(operators) as Record<`operator-${PipelineName}`, Client>),
  'telemetry-none': telemetry('handle', { batch: 1, isObserved: false }),
  'telemetry-all': telemetry('the same, observed, measured and traced', { batch: 1, isObserved: true }),
  'telemetry-batch-none': telemetry('batchBy(50), handle', { batch: 50, isObserved: false }),
  'telemetry-batch-all': telemetry('the same, observed, measured and traced', { batch: 50, isObserved: true }),
  'many-1': many(1),
  'many-10': many(10),
  'many-100': many(100),
  'many-1000': many(1_000),
  'memory-idle': memory('idle', { topic: TOPICS.silent, eventsEach: 0, holding: false }),
  'memory-handled': memory('after 100 events', { topic: TOPICS.hundred, eventsEach: 100, holding: false }),
  'memory-full': memory('with a full window', { topic: TOPICS.window, eventsEach: WINDOW, holding: true }),
  'codec-rxforce': { label: 'rxforce', module: 'codec', parameters: { decoder: 'rxforce' } },
  'codec-rxforce-fields': {
    label: 'rxforce, 2 fields of 86',
    module: 'codec',
    parameters: { decoder: 'rxforce', fields: FIELDS },
  },
  'codec-avsc': { label: 'avsc, exact 64-bit numbers', module: 'codec', parameters: { decoder: 'avsc' } },
  other: { label: 'salesforce-pubsub-api-client', module: 'other' },
  'other-publish': { label: 'salesforce-pubsub-api-client, publish()', module: 'other-publish' },
  'other-publish-batches': {
    label: 'salesforce-pubsub-api-client, publishBatch()',
    module: 'other-publish-batches',
  },
  'hand-written': { label: 'hand-written loop', module: 'hand-written', parameters: { exact: true } },
  'hand-written-unsafe': {
    label: 'the same, no 64-bit numbers',
    module: 'hand-written',
    parameters: { exact: false },
  },
  'hand-written-latency': { label: 'hand-written loop', module: 'hand-written-latency' },
  'hand-written-publish': { label: 'hand-written loop', module: 'hand-written-publish' },
  'no-decoding': { label: 'transport alone: nothing is decoded', module: 'no-decoding' },
} as const satisfies Record<string, Client>;

/** The name of one. */
export type ClientName = keyof typeof CLIENTS;

/** All names, in the order in which they run and are shown. */
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];

import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import { checkOptionNames } from '../model/option-names.js';
import { checkFunction } from '../model/argument-checks.js';
import { ATTRIBUTES } from './instruments.js';
import { LogLags } from './log-lags.js';
import { observeStatuses, type ObserveOptions, type StatusSource } from './observe-statuses.js';
import {
  countAttempt,
  Origins,
  outcomeHooks,
  pipelineHooks,
  type OutcomeHooks,
  type PipelineHooks,
} from './pipeline-hooks.js';
import { PrometheusRegistry } from './prometheus-registry.js';
import { QueueDepths, type MeasuredQueues } from './queue-depths.js';
import { timedSink } from './timed-sink.js';
import { watchWork } from './watch-work.js';

/** How `prometheusMetrics` measures. */
export interface PrometheusMetricsOptions extends Pick<ObserveOptions, 'org'> {
  /**
   * Dead-letter queues, by the names that their series get. They are asked how many letters they have when the text is
   * made, and not more often than every 15 seconds.
   *
   * @defaultValue none
   */
  readonly queues?: MeasuredQueues;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/** Metrics of clients and pipelines, for Prometheus. */
export interface PrometheusMetrics {
  /** The value of the header `content-type` of an answer with the text. */
  readonly contentType: string;
  /** The metrics at this moment, as Prometheus reads them. A queue that does not answer is left out. */
  text(): Promise<string>;
  /**
   * Measures another client too, or what `mergeOrgs` returns, until it is closed or the subscription ends. What was
   * measured remains. A client of an event log is asked for its lag when the text is made, every 15 seconds at most.
   */
  observe(source: StatusSource, options?: ObserveOptions): Subscription;
  /**
   * Hooks that measure a pipeline: `changes$.pipe(meter(metrics.hooks('accounts')).measure, …)`.
   *
   * @param group - The name of the pipeline's position, `replay.name`, as an event does not say it. None by default.
   */
  hooks(group?: string): PipelineHooks;
  /** Hooks that count retries and dead letters: `retryWithDLQ(save, { deadLetters, ...metrics.outcomes })`. */
  readonly outcomes: OutcomeHooks;
  /**
   * The same function, whose calls are timed as those of a sink: `handle(metrics.timed('crm', save))`.
   *
   * @param name - The name of the sink, for the label `rxforce_sink`.
   */
  timed<A extends readonly unknown[], W>(name: string, work: (...args: A) => W): (...args: A) => W;
  /** The same function, whose attempts that succeed are counted: `handle(metrics.counted(save))`. */
  counted<A extends readonly unknown[], W>(work: (...args: A) => W): (...args: A) => W;
  /**
   * The same for the events of another org, in the same text. An event that names its org itself, as those of
   * `mergeOrgs` do, counts for that one.
   *
   * @param org - The name of the org, for the label `rxforce_org`.
   */
  ofOrg(org: string): OrgMetrics;
}

/** What measures the pipelines of one org. */
export type OrgMetrics = Pick<PrometheusMetrics, 'hooks' | 'outcomes' | 'counted'>;

const NAMES: readonly string[] = Object.keys({ org: true, queues: true, scheduler: true } satisfies Record<
  keyof PrometheusMetricsOptions,
  true
>);

/**
 * Measures a client, and writes what it measured as Prometheus reads it. It needs no library, and no OpenTelemetry.
 *
 * ```ts
 * const metrics = prometheusMetrics(client);
 * createServer(async (_request, response) => {
 *   response.setHeader('content-type', metrics.contentType).end(await metrics.text());
 * }).listen(9464);
 * ```
 *
 * It hears what `client.status$` reports from now on, until the client is closed: make it before you subscribe to
 * events. Its text has no ids, no values and no messages. An instrument has at most 2,000 series; others are added up
 * in one with the label `otel_metric_overflow`.
 *
 * @throws `ConfigurationError` when an option cannot be right.
 */
export function prometheusMetrics(client: StatusSource, options: PrometheusMetricsOptions = {}): PrometheusMetrics {
  checkOptionNames(options, NAMES, { of: 'prometheusMetrics()' });
  const { org, queues = {}, scheduler = asyncScheduler } = options;
  const registry = new PrometheusRegistry();
  const letters = new QueueDepths(queues, scheduler);
  const logs = new LogLags(scheduler);
  const observe = (source: StatusSource, of: ObserveOptions = {}) => {
    const subscription = observeStatuses(source, registry, { ...of, clock: scheduler });
    subscription.add(logs.add(source, of.org));
    return subscription;
  };
  const orgMetrics = (name: string | undefined) => metricsOfOrg(registry, new Origins(name), scheduler);
  observe(client, org === undefined ? {} : { org });
  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    text: async () => {
      const [depths, lags] = await Promise.all([letters.depths(), logs.lags()]);
      registry.clear('rxforce.dead_letters');
      for (const [name, depth] of depths) registry.set('rxforce.dead_letters', depth, { [ATTRIBUTES.queue]: name });
      registry.clear('rxforce.log.lag');
      registry.clear('rxforce.log.lag.age');
      for (const { attributes, events, ageSeconds } of lags) {
        if (events !== undefined) registry.set('rxforce.log.lag', events, attributes);
        if (ageSeconds !== undefined) registry.set('rxforce.log.lag.age', ageSeconds, attributes);
      }
      return registry.text();
    },
    observe,
    timed: (name, work) => timedSink(registry, name, work, scheduler),
    ...orgMetrics(org),
    ofOrg: (name) => orgMetrics(name),
  };
}

function metricsOfOrg(registry: PrometheusRegistry, origins: Origins, scheduler: SchedulerLike): OrgMetrics {
  return {
    hooks: (group) => pipelineHooks(registry, origins, scheduler, group),
    outcomes: outcomeHooks(registry, origins),
    counted: (work) => {
      checkFunction('counted() got work', work);
      return (...args) =>
        watchWork(() => work(...args), {
          within: (call) => call(),
          ended: ({ type }) => {
            if (type === 'ok') countAttempt(registry, origins, args[0], 'ok');
          },
        });
    },
  };
}

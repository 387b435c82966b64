import { lastValueFrom, Subject, takeUntil, tap, type Observable } from 'rxjs';
import type { DrainReport, LogClient, PubSubClient } from '@rxforce/core';
import type { MeasuredQueues, PrometheusMetrics } from '@rxforce/core/telemetry';
import type { LoadedConfiguration } from '../config/configuration.js';
import type { Sink } from '../sinks/sink.js';
import { openSink } from '../sinks/open-sink.js';
import { serveHealth, type HealthServer } from './health-server.js';
import type { Log } from './log.js';
import { openOrg, type OpenOrg } from './open-org.js';
import { allMeasures, prometheusMeasures, type Measures } from './measures.js';
import type { Otlp } from './otlp.js';
import { loadPipeline } from './pipeline.js';
import { openScaleOut, relayedPlans, relayRun, type Role, type ScaleOut } from './scale-out.js';
import { openStorage, type Storage } from './storage.js';
import { STDOUT, type TopicPlan } from './topic-plan.js';
import { topicRun, type Batches } from './topic-run.js';
import type { SourceContext } from './topic-source.js';

/** What a run is made of. */
export interface RunnerOptions {
  readonly loaded: LoadedConfiguration;
  readonly plans: readonly TopicPlan[];
  readonly log: Log;
  readonly print: (text: string) => Promise<void>;
  /** What this process does, where a log is between readers and workers. */
  readonly role?: Role | undefined;
}

/** The topics of a configuration, as they run. */
export class Runner {
  private readonly org: OpenOrg;
  private readonly sinks = new Map<string, Sink>();
  private storage: Storage | undefined;
  private scaleOut: ScaleOut | undefined;
  private otlp: Otlp | undefined;
  private server: HealthServer | undefined;
  private isStarted = false;
  private readonly over$ = new Subject<void>();

  constructor(private readonly options: RunnerOptions) {
    const { log, loaded } = options;
    this.org = openOrg(loaded.configuration, { logger: log, logLevel: log.level });
  }

  /** Runs until the client is drained, or a topic fails: then the others are left, and it rejects with the error. */
  async run(): Promise<void> {
    const runs = await this.start();
    try {
      await Promise.all(runs.map((run) => run()));
    } finally {
      this.over$.next();
    }
  }

  /** Asks for nothing more, waits for the work under way, and commits. Work that takes longer is left. */
  async drain(timeoutMs: number): Promise<DrainReport> {
    try {
      return await this.streams.drain({ timeoutMs });
    } finally {
      this.over$.next();
    }
  }

  /** Whose streams are read: the client of the org, or for a worker the one of the log. */
  private get streams(): PubSubClient | LogClient {
    return this.scaleOut?.client ?? this.org.client;
  }

  /** Ends all that is left. */
  async close(): Promise<void> {
    this.org.client.close();
    await this.scaleOut?.close();
    await this.server?.close();
    for (const sink of this.sinks.values()) await sink.close?.();
    await this.otlp?.close();
    await this.storage?.close();
  }

  private async start(): Promise<readonly (() => Promise<void>)[]> {
    const { plans, log, loaded, role } = this.options;
    const { login, endpoint } = this.org;
    const { http, telemetry } = loaded.configuration;
    const storage = (this.storage = await openStorage(loaded.configuration, log));
    const scaleOut = (this.scaleOut = role && (await openScaleOut(role, loaded.configuration, log)));
    const { streams } = this;
    // Metrics count what happens from here on.
    const queues = Object.fromEntries(plans.map((plan) => [plan.label, storage.deadLetters(plan)]));
    const metrics = http && (await this.metricsOf(storage, queues));
    if (telemetry.otlp !== '') {
      this.otlp = await (await import('./otlp.js')).openOtlp(telemetry, { logger: log, queues });
      this.otlp.observe(streams);
    }
    const measures = allMeasures([
      ...(metrics ? [prometheusMeasures(metrics)] : []),
      ...(this.otlp ? [this.otlp.measures] : []),
    ]);
    // A worker logs in only where its sink or pipeline asks the org.
    const needsLogin = role !== 'worker';
    if (http && metrics) {
      const health = { state: () => streams.state(), isStarted: () => this.isStarted, metrics, needsLogin };
      this.server = await serveHealth(http, health);
      log.info(`probes and metrics are at ${this.server.url}`);
    }
    const isReader = scaleOut && !scaleOut.client;
    const runs = isReader ? this.relays(storage, scaleOut) : await this.topics(storage, measures);
    log.info(
      `rxforce${role ? `, as a ${role},` : ''} reads ${runs.length} topics of ${endpoint}, with the login ${login}`,
    );
    this.isStarted = true;
    return runs;
  }

  private async topics(storage: Storage, measures: Measures) {
    const { plans, loaded } = this.options;
    const { streams } = this;
    const runs: (() => Promise<void>)[] = [];
    for (const given of plans) {
      // A log begins when it is made: what is in it was wanted.
      const plan: TopicPlan = this.scaleOut ? { ...given, from: 'earliest' } : given;
      const sink = plan.sink === undefined ? undefined : await this.sinkOf(plan.sink);
      const pipeline = plan.pipeline === undefined ? undefined : await loadPipeline(plan.pipeline, loaded.directory);
      const batches = this.batchesOf(plan);
      const context = { ...this.sourceOf(storage, sink), stream: streams, pipeline, batches, measures };
      const to = plan.sink ?? plan.pipeline ?? '';
      runs.push(() => this.runTopic(plan, to, topicRun(plan, context)));
    }
    return runs;
  }

  /** Each topic goes into the log once. */
  private relays(storage: Storage, { log }: ScaleOut): (() => Promise<void>)[] {
    const { plans, loaded } = this.options;
    const name = loaded.configuration.redis?.log?.name ?? '';
    return relayedPlans(plans, name).map(
      (plan) => () => this.runTopic(plan, `the log ${name}`, relayRun(plan, this.sourceOf(storage, undefined), log)),
    );
  }

  private sourceOf(storage: Storage, sink: Sink | undefined): SourceContext {
    const { log, loaded } = this.options;
    const { client } = this.org;
    const { commit_interval_ms: commitIntervalMs } = loaded.configuration.processing;
    return { client, stream: client, storage, logger: log, commitIntervalMs, sink };
  }

  private async runTopic({ topic, name }: TopicPlan, to: string, run$: Observable<unknown>): Promise<void> {
    const { log } = this.options;
    log.info(`${topic} (${name}) goes to ${to}`);
    const failed = (error: unknown) => log.error(`${topic} (${name}) has ended: ${String(error)}`);
    await lastValueFrom(run$.pipe(tap({ error: failed }), takeUntil(this.over$)), { defaultValue: undefined });
  }

  private async sinkOf(name: string): Promise<Sink> {
    const known = this.sinks.get(name);
    if (known) return known;
    const { plans, loaded, print, log } = this.options;
    const settings = loaded.configuration.sinks[name] ?? ({ type: STDOUT } as const);
    const { client, source } = this.org;
    const topics = plans.filter(({ sink }) => sink === name).map(({ topic }) => topic);
    const sink = await openSink(settings, { print, directory: loaded.directory, logger: log, client, source }, topics);
    this.sinks.set(name, sink);
    return sink;
  }

  private batchesOf({ sink = '' }: TopicPlan): Batches | undefined {
    const { sinks, processing } = this.options.loaded.configuration;
    const settings = sinks[sink];
    const isTable = settings?.type === 'postgres' || settings?.type === 'sqlite';
    const batch = settings?.batch ?? (isTable ? { wait_ms: 1_000, size: undefined } : undefined);
    return batch && { size: batch.size ?? processing.batch_size, waitMs: batch.wait_ms };
  }

  private async metricsOf(storage: Storage, queues: MeasuredQueues): Promise<PrometheusMetrics> {
    const { prometheusMetrics } = await import('@rxforce/core/telemetry');
    const { plans } = this.options;
    const metrics = prometheusMetrics(this.streams, { queues });
    const { scaleOut } = this;
    if (!scaleOut?.client || !storage.store) return metrics;
    const { LogLagText } = await import('./log-lag.js');
    const lag = new LogLagText({ log: scaleOut.log, store: storage.store, plans, now: Date.now });
    return { ...metrics, text: async () => `${await metrics.text()}${await lag.text()}` };
  }
}

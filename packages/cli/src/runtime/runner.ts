import { lastValueFrom, Subject, takeUntil, tap } from 'rxjs';
import type { DrainReport } from '@rxforce/core';
import type { LoadedConfiguration } from '../config/configuration.js';
import type { Sink } from '../sinks/sink.js';
import { openSink } from '../sinks/open-sink.js';
import { serveHealth, type HealthServer } from './health-server.js';
import type { Log } from './log.js';
import { openOrg, type OpenOrg } from './open-org.js';
import { loadPipeline } from './pipeline.js';
import { openStorage, type Storage } from './storage.js';
import { STDOUT, type TopicPlan } from './topic-plan.js';
import { topicRun, type Batches } from './topic-run.js';

/** What a run is made of. */
export interface RunnerOptions {
  readonly loaded: LoadedConfiguration;
  readonly plans: readonly TopicPlan[];
  readonly log: Log;
  readonly print: (text: string) => Promise<void>;
}

/** The topics of a configuration, as they run. */
export class Runner {
  private readonly org: OpenOrg;
  private readonly sinks = new Map<string, Sink>();
  private storage: Storage | undefined;
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
      return await this.org.client.drain({ timeoutMs });
    } finally {
      this.over$.next();
    }
  }

  /** Ends all that is left. */
  async close(): Promise<void> {
    this.org.client.close();
    await this.server?.close();
    for (const sink of this.sinks.values()) await sink.close?.();
    await this.storage?.close();
  }

  private async start(): Promise<readonly (() => Promise<void>)[]> {
    const { plans, log, loaded } = this.options;
    const { client, login, endpoint } = this.org;
    const { http, processing } = loaded.configuration;
    const storage = (this.storage = await openStorage(loaded.configuration, log));
    // Metrics count what happens from here on.
    const metrics = http && (await this.metricsOf(storage));
    if (http && metrics) {
      const health = { state: () => client.state(), isStarted: () => this.isStarted, metrics };
      this.server = await serveHealth(http, health);
      log.info(`probes and metrics are at ${this.server.url}`);
    }
    const runs: (() => Promise<void>)[] = [];
    for (const plan of plans) {
      const sink = plan.sink === undefined ? undefined : await this.sinkOf(plan.sink);
      const pipeline = plan.pipeline === undefined ? undefined : await loadPipeline(plan.pipeline, loaded.directory);
      const batches = this.batchesOf(plan);
      const { commit_interval_ms: commitIntervalMs } = processing;
      const context = { client, storage, logger: log, commitIntervalMs, sink, pipeline, batches, metrics };
      runs.push(() => this.runTopic(plan, context));
    }
    log.info(`rxforce reads ${plans.length} topics of ${endpoint}, with the login ${login}`);
    this.isStarted = true;
    return runs;
  }

  private async runTopic(plan: TopicPlan, context: Parameters<typeof topicRun>[1]): Promise<void> {
    const { log } = this.options;
    log.info(`${plan.topic} (${plan.name}) goes to ${plan.sink ?? plan.pipeline ?? ''}`);
    const failed = (error: unknown) => log.error(`${plan.topic} (${plan.name}) has ended: ${String(error)}`);
    await lastValueFrom(topicRun(plan, context).pipe(tap({ error: failed }), takeUntil(this.over$)), {
      defaultValue: undefined,
    });
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

  private async metricsOf(storage: Storage) {
    const { prometheusMetrics } = await import('@rxforce/core/telemetry');
    const queues = Object.fromEntries(this.options.plans.map((plan) => [plan.label, storage.deadLetters(plan)]));
    return prometheusMetrics(this.org.client, { queues });
  }
}

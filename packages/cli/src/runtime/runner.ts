import type { PrometheusMetrics } from '@rxforce/core/telemetry';
import { lastValueFrom, Subject, takeUntil, tap } from 'rxjs';
import type { DrainReport } from '@rxforce/core';
import type { LiveParts } from '@rxforce/live-page';
import type { PageServer } from '@rxforce/live-page/page';
import type { LoadedConfiguration } from '../config/configuration.js';
import type { HttpSettings } from '../config/settings/http.js';
import type { Sink } from '../sinks/sink.js';
import { openSink } from '../sinks/open-sink.js';
import { serveHealth } from './health-server.js';
import type { Log } from './log.js';
import { openOrg, type OpenOrg } from './open-org.js';
import { loadPipeline } from './pipeline.js';
import { isPageServed, runPage } from './run-page.js';
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
  private server: PageServer | undefined;
  private page: LiveParts | undefined;
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
    this.page?.close();
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
    if (http && metrics) await this.serve(http, storage, metrics);
    const runs: (() => Promise<void>)[] = [];
    for (const plan of plans) {
      const sink = plan.sink === undefined ? undefined : await this.sinkOf(plan.sink);
      const pipeline = plan.pipeline === undefined ? undefined : await loadPipeline(plan.pipeline, loaded.directory);
      const batches = this.batchesOf(plan);
      const { commit_interval_ms: commitIntervalMs } = processing;
      const context = {
        client,
        storage,
        logger: log,
        commitIntervalMs,
        sink,
        pipeline,
        batches,
        metrics,
        page: this.page,
      };
      runs.push(() => this.runTopic(plan, context));
    }
    log.info(`rxforce reads ${plans.length} topics of ${endpoint}, with the login ${login}`);
    this.isStarted = true;
    return runs;
  }

  private async serve(http: HttpSettings, storage: Storage, metrics: PrometheusMetrics): Promise<void> {
    const { plans, log } = this.options;
    const { org, sinks } = this;
    const context = { org, plans, storage, logger: log, sinkOf: (name: string) => sinks.get(name) };
    if (isPageServed(http)) this.page = await runPage(http, context);
    const health = { state: () => org.client.state(), isStarted: () => this.isStarted, metrics };
    const { host, port, ui } = http;
    this.server = await serveHealth({ host, port, token: ui.token, page: this.page?.routes ?? [] }, health);
    log.info(`probes and metrics are at ${this.server.url}`);
    if (this.page) log.info(`the live page is at ${this.server.url}${ui.token === undefined ? '/' : '/login?token=…'}`);
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

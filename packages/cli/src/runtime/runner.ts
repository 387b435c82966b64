import {
  asyncScheduler,
  firstValueFrom,
  from,
  lastValueFrom,
  merge,
  race,
  Subject,
  takeUntil,
  timer,
  type Observable,
} from 'rxjs';
import type { DrainReport } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import type { LiveParts } from '@rxforce/live-page';
import type { PageServer } from '@rxforce/live-page/page';
import { plural } from '../command/plural.js';
import type { LoadedConfiguration } from '../config/configuration.js';
import { OutputError } from '../command/output.js';
import { logOf } from '../config/engine-section.js';
import type { HttpSettings } from '../config/settings/http.js';
import { SinkError, type Sink } from '../sinks/sink.js';
import { closeAll, closeInTime } from './close-all.js';
import { serveHealth, type Health } from './health-server.js';
import { logOfClient, logOfOrg, type Log } from './log.js';
import { openOrg, openOrgIfThere, type OpenOrg } from './open-org.js';
import { drainAll, type StreamClient } from './open-orgs.js';
import { orgNames } from './org-names.js';
import { allMeasures, prometheusMeasures, type Measures } from './measures.js';
import type { Otlp } from './otlp.js';
import { metricsOf, namedClients } from './named-clients.js';
import { loadPipeline } from './pipeline.js';
import { runHealth } from './run-health.js';
import { noPage, runPage, whyNoPage } from './run-page.js';
import { RunSinks, sinkSettingsOf } from './run-sinks.js';
import { openScaleOut, positionPlans, relayRun, type Role, type ScaleOut } from './scale-out.js';
import { SinkWatches } from './sink-watches.js';
import { openStorage, type Storage } from './storage.js';
import { Tally } from './tally.js';
import type { TopicEnds } from './topic-ends.js';
import { STDOUT, type TopicPlan } from './topic-plan.js';
import { topicRun } from './topic-run.js';
import type { SourceContext } from './topic-source.js';

/** What a run is made of. */
export interface RunnerOptions {
  readonly loaded: LoadedConfiguration;
  readonly plans: readonly TopicPlan[];
  readonly log: Log;
  /** Says why topics end. */
  readonly ends: TopicEnds;
  readonly print: (text: string) => Promise<void>;
  /** Longest wait of a drain for the work under way, in milliseconds. */
  readonly drainTimeoutMs: number;
  /** What this process does, where a log is between readers and workers. */
  readonly role?: Role | undefined;
}

/** Whoever keeps positions elsewhere may look for the letters there, too. */
function tellWhereLettersAre({ engine }: Storage, { configuration }: LoadedConfiguration, log: Log): void {
  if (!engine || engine.deadLetters) return;
  log.info(`dead letters are files, also with ${engine.name}: ${configuration.processing.dead_letter_queue_path}`);
}

/** The topics of a configuration, as they run. */
export class Runner {
  /** By their names; the only one has none. */
  private readonly orgs: ReadonlyMap<string | undefined, OpenOrg>;
  private readonly sinks: RunSinks;
  private readonly watches: SinkWatches;
  private storage: Storage | undefined;
  private server: PageServer | undefined;
  private page: LiveParts | undefined;
  private scaleOut: ScaleOut | undefined;
  private otlp: Otlp | undefined;
  /** What has become of the events. */
  readonly tally: Tally;
  private isStarted = false;
  /** Those that are not read yet, as their conditions are checked first. */
  private readonly unsubscribed = new Set<TopicPlan>();
  private draining: Promise<DrainReport> | undefined;
  /** Settles when all is open, or something could not be opened. */
  private starting: Promise<unknown> = Promise.resolve();
  private readonly over$ = new Subject<void>();
  /** Emits when standard output, which is a sink, cannot be written any more. */
  private readonly mute$ = new Subject<void>();
  private muted: SinkError | undefined;

  constructor(private readonly options: RunnerOptions) {
    const { log, loaded } = options;
    const { configuration } = loaded;
    const used = orgNames(configuration).filter((name) => options.plans.some(({ org }) => org === name));
    const open = options.role === 'worker' ? openOrgIfThere : openOrg;
    this.orgs = new Map(
      used.map((name) => [
        name,
        open(configuration, { logger: logOfClient(logOfOrg(log, name), options.plans), logLevel: log.level }, name),
      ]),
    );
    this.watches = new SinkWatches(log);
    this.tally = new Tally(options.role !== 'reader' && options.plans.some(({ sink }) => sink !== undefined));
    this.sinks = new RunSinks({ ...options, print: (text) => this.print(text), orgOf: (plan) => this.orgOf(plan) });
  }

  /**
   * Runs until the client is drained, or a topic fails: then the others are left, and it rejects with the error. It is
   * also drained, and rejects with a `SinkError`, when standard output is a sink and cannot be written any more.
   */
  async run(): Promise<void> {
    const starting = this.start();
    this.starting = starting.catch(() => undefined);
    try {
      const runs = await firstValueFrom(race(from(starting), this.over$));
      if (runs && !this.draining) await Promise.all(runs.map((run) => run()));
      if (this.muted) {
        await this.draining;
        throw this.muted;
      }
    } catch (error) {
      // What could not be opened before the end is not needed any more.
      if (!this.draining || this.isStarted) throw error;
    } finally {
      this.over$.next();
    }
  }

  /** Asks for nothing more, waits for the work under way, and commits, once. Work that takes longer is left. */
  drain(): Promise<DrainReport> {
    return (this.draining ??= this.ended().finally(() => this.over$.next()));
  }

  /** What came of the drain; `undefined` where nobody, here or on the page, has begun one. */
  get drained(): Promise<DrainReport> | undefined {
    return this.draining;
  }

  /** What could not be written stays uncommitted, as its topic is left before it could be put aside. */
  private async print(text: string): Promise<void> {
    try {
      await this.options.print(text);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      if (!this.muted) {
        this.muted = new SinkError(error.message, { cause: error });
        this.options.log.error(`ends: ${error.message} What was not written comes again.`);
        this.mute$.next();
        void this.drain();
      }
      throw this.muted;
    }
  }

  private async ended(): Promise<DrainReport> {
    const { drainTimeoutMs } = this.options;
    const endsAt = asyncScheduler.now() + drainTimeoutMs;
    // What is opened after the end would not be closed.
    const isOpen$ = race(from(this.starting), timer(drainTimeoutMs));
    const [report] = await Promise.all([
      drainAll(this.streams, drainTimeoutMs, () => this.isInVain(endsAt)),
      firstValueFrom(isOpen$),
    ]);
    return report;
  }

  /** Whether all that is left waits for sinks until after the end of a drain. It says so. */
  private isInVain(endsAt: number): boolean {
    const sinks = this.watches.waitedFor(endsAt);
    if (sinks.length === 0) return false;
    const what = sinks.length === 1 ? `the sink ${sinks.join('')}` : `the sinks ${sinks.join(', ')}`;
    this.options.log.warn(`ends now: what is left waits for ${what}, and is tried next after the drain would be over`);
    return true;
  }

  /** Whose streams are read: the clients of the orgs, or for a worker the one of the log. */
  private get streams(): readonly StreamClient[] {
    return this.scaleOut?.client ? [this.scaleOut.client] : [...this.orgs.values()].map(({ client }) => client);
  }

  private orgOf({ org }: TopicPlan): OpenOrg {
    const found = this.orgs.get(org);
    if (!found) throw new ConfigurationError(`There is no org ${org ?? ''} in orgs.`);
    return found;
  }

  /**
   * Ends all that is left, and waits 10 s for each. It rejects with the first error, after the others are ended, too.
   *
   * @param tell - Gets the errors after the first one.
   */
  async close(tell: (error: unknown) => void): Promise<void> {
    this.orgs.forEach(({ client }) => client.close());
    this.scaleOut?.client?.close();
    this.page?.close();
    const sinks = { close: () => this.sinks.close(tell) };
    const server = { close: () => closeInTime('The server of the probes', this.server) };
    const otlp = { close: () => closeInTime('Telemetry', this.otlp) };
    await closeAll([server, sinks, otlp, this.storage], tell);
  }

  private async start(): Promise<readonly (() => Promise<void>)[]> {
    const { plans, log, loaded, role } = this.options;
    const { http, telemetry } = loaded.configuration;
    const storage = (this.storage = await openStorage(loaded.configuration, log));
    tellWhereLettersAre(storage, loaded, log);
    const scaleOut = (this.scaleOut = role && openScaleOut(role, storage, log, plans));
    // Metrics count what happens from here on.
    const queues = Object.fromEntries(plans.map((plan) => [plan.label, storage.deadLetters(plan)]));
    const clients = namedClients(this.orgs, this.scaleOut?.client);
    const metrics = http && (await metricsOf(clients, queues));
    if (telemetry.otlp !== '') {
      this.otlp = await (await import('./otlp.js')).openOtlp(telemetry, { logger: log, queues });
      for (const { client, of } of clients) this.otlp.observe(client, of);
    }
    const measures = allMeasures([
      ...(metrics ? [prometheusMeasures(metrics)] : []),
      ...(this.otlp ? [this.otlp.measures] : []),
    ]);
    if (http && metrics) {
      const { heldUpBy } = this.watches;
      const isOpen = () => this.isStarted;
      const unsubscribed = () => [...this.unsubscribed].map(({ topic }) => topic);
      await this.serve(http, storage, runHealth({ clients, role, isOpen, unsubscribed, heldUpBy, metrics }));
    }
    const isReader = scaleOut && !scaleOut.client;
    const runs = isReader ? this.relays(storage, scaleOut) : await this.topics(storage, measures);
    if (this.draining) return [];
    log.info(`rxforce${role ? `, as a ${role},` : ''} reads ${plural(runs.length, 'topic')} of ${this.from()}`);
    this.isStarted = true;
    return runs;
  }

  /** What is read, for people. */
  private from(): string {
    if (this.scaleOut?.client) return `the log ${this.logName}`;
    return [...this.orgs.values()].map(({ login, endpoint }) => `${endpoint}, with the login ${login}`).join('; ');
  }

  private get logName(): string {
    return logOf(this.options.loaded.configuration)?.name ?? '';
  }

  private async serve(http: HttpSettings, storage: Storage, health: Health): Promise<void> {
    const { plans, log } = this.options;
    const { orgs } = this;
    const worker = this.scaleOut?.client;
    const sinkOf = (plan: TopicPlan) => this.sinks.of(plan);
    const why = whyNoPage(http);
    if (why === undefined) {
      const positioned = positionPlans(plans, this.options.loaded.configuration);
      const { heldUpBy } = this.watches;
      const drain = () => this.drain();
      const context = { orgs, worker, plans, positioned, storage, logger: log, sinkOf, drain, heldUpBy };
      this.page = await runPage(http, context);
    }
    const { host, port, ui } = http;
    this.server = await serveHealth(
      { host, port, token: ui.token, page: this.page?.routes ?? noPage(why ?? '') },
      health,
    );
    log.info(`probes and metrics are at ${this.server.url}`);
    if (why !== undefined) log.info(`the live page is off: ${why}`);
    if (this.page) log.info(`the live page is at ${this.server.url}${ui.token === undefined ? '/' : '/login?token=…'}`);
  }

  private async topics(storage: Storage, measures: Measures) {
    const { plans, loaded } = this.options;
    const runs: (() => Promise<void>)[] = [];
    for (const given of plans) {
      if (this.draining) break;
      // A log begins when it is made: what is in it was wanted.
      const plan: TopicPlan = this.scaleOut ? { ...given, from: 'earliest' } : given;
      const sink = await this.sinks.openFor(plan);
      const pipeline = plan.pipeline === undefined ? undefined : await loadPipeline(plan.pipeline, loaded.directory);
      const stream = this.scaleOut?.client ?? this.orgOf(plan).client;
      const { page, tally, watches, unsubscribed } = this;
      unsubscribed.add(plan);
      const onSubscribe = () => unsubscribed.delete(plan);
      const context = { ...this.sourceOf(plan, storage, sink), stream, pipeline, page, tally, watches, onSubscribe };
      const measuring = given.org === undefined ? measures : measures.ofOrg(given.org);
      const to = plan.sink ?? plan.pipeline ?? '';
      runs.push(() => this.runTopic(plan, to, topicRun(plan, { ...context, measures: measuring })));
    }
    return runs;
  }

  /** Each topic goes into the log once. */
  private relays(storage: Storage, { log }: ScaleOut): (() => Promise<void>)[] {
    const { plans, loaded } = this.options;
    return positionPlans(plans, loaded.configuration).map(
      (plan) => () =>
        this.runTopic(plan, `the log ${this.logName}`, relayRun(plan, this.sourceOf(plan, storage, undefined), log)),
    );
  }

  private sourceOf(plan: TopicPlan, storage: Storage, sink: Sink | undefined): SourceContext {
    const { log, loaded } = this.options;
    const { client } = this.orgOf(plan);
    const { commit_interval_ms: commitIntervalMs } = loaded.configuration.processing;
    const counting: Storage = { ...storage, deadLetters: (of) => this.tally.counting(storage.deadLetters(of)) };
    return { client, stream: client, storage: counting, logger: logOfOrg(log, plan.org), commitIntervalMs, sink };
  }

  private async runTopic(plan: TopicPlan, to: string, run$: Observable<unknown>): Promise<void> {
    const { topic, name, sink, org } = plan;
    const { loaded } = this.options;
    const log = logOfOrg(this.options.log, org);
    const isPrinted = sink !== undefined && sinkSettingsOf(sink, loaded.configuration).type === STDOUT;
    const over$ = isPrinted ? merge(this.over$, this.mute$) : this.over$;
    log.info(`${topic} (${name}) goes to ${to}`);
    const { client } = this.orgOf(plan);
    await lastValueFrom(run$.pipe(takeUntil(over$)), { defaultValue: undefined }).catch((error: unknown) =>
      this.options.ends.tell(error, plan, { client, log }),
    );
  }
}

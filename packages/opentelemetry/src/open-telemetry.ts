import {
  context,
  createNoopMeter,
  metrics,
  propagation,
  ProxyTracerProvider,
  SpanKind,
  trace,
  type Context,
  type MeterProvider,
  type ObservableGauge,
  type TextMapPropagator,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { asyncScheduler, map, Subscription, type Observable, type SchedulerLike } from 'rxjs';
import { checkFunction } from '@rxforce/core/internal';
import { checkOptionNames, ConfigurationError } from '@rxforce/core/model';
import {
  ATTRIBUTES,
  countAttempt,
  INSTRUMENTS,
  LogLags,
  observeStatuses,
  Origins,
  outcomeHooks,
  pipelineHooks,
  QueueDepths,
  timedSink,
  type MeasuredQueues,
  type MetricSink,
  type ObserveOptions,
  type OutcomeHooks,
  type StatusSource,
} from '@rxforce/core/telemetry';
import { meter } from '@rxforce/operators';
import { EventContexts, type Carrier } from './event-context.js';
import { ASKED, optionsOf, otelSink } from './otel-sink.js';
import { operation } from './span-attributes.js';
import { statusSpans } from './status-spans.js';
import { tracedWork, type TracedOptions, type TracingParts } from './traced-work.js';

/** What `openTelemetry` uses, and how. */
export interface OpenTelemetryOptions {
  /**
   * Makes the instruments.
   *
   * @defaultValue the global one, which must be registered before
   */
  readonly meterProvider?: MeterProvider;
  /**
   * Makes the spans.
   *
   * @defaultValue the global one
   */
  readonly tracerProvider?: TracerProvider;
  /**
   * Writes and reads contexts in headers of events.
   *
   * @defaultValue the global one
   */
  readonly propagator?: TextMapPropagator;
  /**
   * Where contexts travel, when the service does not deliver headers.
   *
   * @defaultValue headers
   */
  readonly carrier?: Carrier;
  /**
   * Whether the span that an event was published in is the parent of the span of the work on it (`event`), or is only
   * linked to it (`active`: the parent is the span that is active). Work on a batch always has links.
   *
   * @defaultValue `active`
   */
  readonly parent?: 'active' | 'event';
  /**
   * Whether each commit has a span.
   *
   * @defaultValue `false`
   */
  readonly commits?: boolean;
  /**
   * Whether `inject` makes a span for each event, `create`, and gives the event its context. So each event of a batch
   * can be followed on its own.
   *
   * @defaultValue `false`
   */
  readonly creates?: boolean;
  /**
   * Dead-letter queues, by the names that their series get. They are asked how many letters they have when metrics are
   * collected, and not more often than every 15 seconds.
   *
   * @defaultValue none
   */
  readonly queues?: MeasuredQueues;
  /**
   * The name of the org, for events that do not say it. Give a name such as `emea`, and not an id.
   *
   * @defaultValue none
   */
  readonly org?: string;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/** Metrics and traces of clients and pipelines, for OpenTelemetry. */
export interface Telemetry {
  /**
   * Measures a client, or what `mergeOrgs` returns, until it is closed or the subscription ends. Each request to
   * publish has a span, and each snapshot of records. Call it before you subscribe to events, because nothing reports
   * what has happened before.
   */
  observe(source: StatusSource, options?: ObserveOptions): Subscription;
  /** Measures a pipeline. Put it first: `changes$.pipe(telemetry.measure, handle(save))`. */
  readonly measure: <E>(source: Observable<E>) => Observable<E>;
  /**
   * `measure`, with the name of the pipeline's position, `replay.name`, in `messaging.consumer.group.name`. An event
   * does not say it.
   */
  measureAs(group: string): <E>(source: Observable<E>) => Observable<E>;
  /**
   * The same function, with a span for each call: `handle(telemetry.traced(save))`. The span is active while the work
   * runs: until its promise, its Observable or its iterable has ended. Another call for the same value is another
   * attempt, and its span has a link to the first one.
   *
   * @throws `ConfigurationError` when `work` is not a function, or an option is not known.
   */
  traced<A extends readonly unknown[], W>(work: (...args: A) => W, options?: TracedOptions): (...args: A) => W;
  /**
   * The same function, whose calls are timed as those of a sink: `handle(telemetry.timed('crm', save))`.
   *
   * @param name - The name of the sink, for the attribute `rxforce.sink`.
   */
  timed<A extends readonly unknown[], W>(name: string, work: (...args: A) => W): (...args: A) => W;
  /**
   * Gives events that are published the active context, or with `creates` that of a span of their own:
   * `orders$.pipe(telemetry.inject, client.publisher(topic))`.
   */
  readonly inject: <E>(source: Observable<E>) => Observable<E>;
  /** Hooks that count retries and dead letters: `retryWithDLQ(save, { deadLetters, ...telemetry.outcomes })`. */
  readonly outcomes: OutcomeHooks;
  /**
   * The same for the events of another org. An event that names its org itself, as those of `mergeOrgs` do, counts for
   * that one.
   *
   * @param org - The name of the org, for the attribute `rxforce.org`.
   */
  ofOrg(org: string): OrgTelemetry;
}

/** What measures the pipelines of one org. */
export type OrgTelemetry = Pick<Telemetry, 'measure' | 'measureAs' | 'traced' | 'outcomes'>;

/** The name and version of what makes instruments and spans. */
const SCOPE = ['@rxforce/opentelemetry', '0.1.0'] as const;

const NAMES: readonly string[] = Object.keys({
  meterProvider: true,
  tracerProvider: true,
  propagator: true,
  carrier: true,
  parent: true,
  commits: true,
  creates: true,
  queues: true,
  org: true,
  scheduler: true,
} satisfies Record<keyof OpenTelemetryOptions, true>);

const TRACED_NAMES: readonly string[] = ['name', 'group'] satisfies (keyof TracedOptions)[];

/**
 * Measures and traces with OpenTelemetry. Register the SDK before, or pass its providers.
 *
 * ```ts
 * const telemetry = openTelemetry();
 * telemetry.observe(client);
 * client.changes('Account').pipe(telemetry.measure, handle(telemetry.traced(save))).subscribe();
 * ```
 *
 * @throws `ConfigurationError` when an option cannot be right.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  const { meterProvider, tracerProvider, propagator, carrier, isChild, commits, creates, queues, org, scheduler } =
    resolveOptions(options);
  const otelMeter = (meterProvider ?? metrics).getMeter(...SCOPE);
  const tracer = (tracerProvider ?? trace).getTracer(...SCOPE);
  // Without an SDK, nothing becomes of what is measured.
  const isMeasured = otelMeter !== createNoopMeter();
  const contexts = new EventContexts(propagator ?? propagation, carrier);
  const sink = otelSink(otelMeter);
  const contextToGive = () => (creates ? createdContext(tracer) : context.active());
  const logs = new LogLags(scheduler);
  askAtCollection(otelMeter, new QueueDepths(queues ?? {}, scheduler), logs);
  const isIdle = () => tracerProvider === undefined && hasNoSdk();
  const parts = { tracer, contexts, scheduler, isChild, isIdle };
  const ofOrg = (name: string | undefined) => orgTelemetry(parts, sink, isMeasured, name);

  return {
    observe: (source, of = org === undefined ? {} : { org }) => {
      const subscription = new Subscription();
      const observed = observeStatuses(source, sink, { ...of, clock: scheduler });
      observed.add(logs.add(source, of.org));
      subscription.add(observed);
      subscription.add(statusSpans(source, tracer, scheduler, { commits, only: of.only }));
      return subscription;
    },
    inject: (source) => source.pipe(map((event) => contexts.withContext(event, contextToGive()))),
    timed: (name, work) => timedSink(sink, name, work, scheduler),
    ...ofOrg(org),
    ofOrg,
  };
}

function orgTelemetry(
  parts: Omit<TracingParts, 'succeeded'>,
  sink: MetricSink,
  isMeasured: boolean,
  org: string | undefined,
): OrgTelemetry {
  const { scheduler } = parts;
  const origins = new Origins(org);
  const measureOf = (group?: string): Telemetry['measure'] =>
    isMeasured ? meter({ ...pipelineHooks(sink, origins, scheduler, group), scheduler }).measure : (source) => source;
  const succeeded = isMeasured ? (value: unknown) => countAttempt(sink, origins, value, 'ok') : undefined;
  return {
    measure: measureOf(),
    measureAs: (group) => measureOf(group),
    traced: (work, options = {}) => {
      checkFunction('traced() got work', work);
      checkOptionNames(options, TRACED_NAMES, { of: 'traced()' });
      return tracedWork({ ...parts, succeeded }, work, options);
    },
    outcomes: outcomeHooks(sink, origins),
  };
}

/** The context of a span for an event that is about to be published. Its topic is not known yet. */
function createdContext(tracer: Tracer): Context {
  const parent = context.active();
  const attributes = operation('create', 'create', undefined);
  const span = tracer.startSpan('create', { kind: SpanKind.PRODUCER, attributes }, parent);
  span.end();
  return trace.setSpan(parent, span);
}

/** What the global provider passes calls on to while no SDK is registered. */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- There is no other way to know; without it, spans are made.
const NO_SDK = new ProxyTracerProvider().getDelegate();

/** Whether no SDK is registered so far. */
function hasNoSdk(): boolean {
  const provider = trace.getTracerProvider();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- as above
  return provider instanceof ProxyTracerProvider && provider.getDelegate() === NO_SDK;
}

/** Asks queues for their letters, and clients of logs for their lag, when metrics are collected. */
function askAtCollection(otelMeter: ReturnType<MeterProvider['getMeter']>, letters: QueueDepths, logs: LogLags): void {
  const [depth, lag, age] = ASKED.map((name) => {
    const [instrument] = INSTRUMENTS.filter((each) => each.name === name);
    return otelMeter.createObservableGauge(name, instrument && optionsOf(instrument));
  }) as [ObservableGauge, ObservableGauge, ObservableGauge];
  depth.addCallback(async (result) => {
    for (const [queue, letterCount] of await letters.depths())
      result.observe(letterCount, { [ATTRIBUTES.queue]: queue });
  });
  lag.addCallback(async (result) => {
    for (const { events, attributes } of await logs.lags())
      if (events !== undefined) result.observe(events, attributes);
  });
  age.addCallback(async (result) => {
    for (const { ageSeconds, attributes } of await logs.lags()) {
      if (ageSeconds !== undefined) result.observe(ageSeconds, attributes);
    }
  });
}

function resolveOptions(options: OpenTelemetryOptions) {
  checkOptionNames(options, NAMES, { of: 'openTelemetry()' });
  const { parent = 'active', commits = false, creates = false, scheduler = asyncScheduler, carrier } = options;
  if (!['active', 'event'].includes(parent)) {
    throw new ConfigurationError(`openTelemetry() got the parent "${parent}", but it must be "active" or "event".`);
  }
  if (carrier !== undefined && !/^\w+$/.test(carrier.field)) {
    throw new ConfigurationError('openTelemetry() got a carrier whose field is not the API name of a field.');
  }
  return { ...options, commits, creates, scheduler, isChild: parent === 'event' };
}

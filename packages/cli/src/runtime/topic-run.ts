import { concat, defer, EMPTY, identity, using, type Observable, type OperatorFunction } from 'rxjs';
import type { LiveParts } from '@rxforce/live-page';
import { batchBy, byChangeType, retryWithDLQ } from '@rxforce/operators';
import type { ChangeEvent } from '@rxforce/core';
import { isOutage, isRetriable, type Sink, type SinkEvent } from '../sinks/sink.js';
import { ownWork } from './own-work.js';
import { FailureLog } from './failure-log.js';
import { readingGaps } from './gaps.js';
import type { SinkWatch, SinkWatches } from './sink-watches.js';
import { SinkWriter } from './sink-writer.js';
import type { Measures } from './measures.js';
import type { Pipeline } from './pipeline.js';
import type { Tally } from './tally.js';
import type { TopicPlan } from './topic-plan.js';
import { topicSource, type SourceContext } from './topic-source.js';
import { onlyWhere, whereCheck } from './topic-where.js';

/** All that the run of a topic needs. */
export interface TopicContext extends SourceContext {
  readonly pipeline: Pipeline | undefined;
  readonly measures: Measures;
  readonly tally: Tally;
  /** Watches how the sink of each topic does. */
  readonly watches: SinkWatches;
  /** The live page, where it is served. */
  readonly page: LiveParts | undefined;
  /** Called when the events are asked for: what is checked before that is right. */
  readonly onSubscribe: () => void;
}

/** The same, while its sink is watched. */
interface WatchedContext extends TopicContext {
  readonly watch: SinkWatch;
}

/** The whole way of a topic's events, from the org to the sink. It completes when the client is drained. */
export function topicRun(plan: TopicPlan, context: TopicContext): Observable<unknown> {
  const { sink, measures, pipeline, page, watches } = context;
  const source$ = topicSource(plan, context);
  const watch = watches.watch(plan);
  page?.observe(source$, plan.org);
  measures.observeSnapshots(source$, plan.org);
  const events$ = source$.pipe(
    pipeline ? identity : ownWork(),
    page ? page.watching() : identity,
    measures.measureAs(plan.name),
    sink?.needsWholeRecords === true ? readingGaps(plan, { ...context, inHand: watch.inHand }) : identity,
    onlyTypes(plan),
    onlyWhere(plan, context.logger),
  );
  const made$ = pipeline ? defer(() => pipeline(events$, pipelineContext(plan, context))) : events$;
  const run$ = sink ? (made$ as Observable<SinkEvent>).pipe(writing(plan, { ...context, watch }, sink)) : made$;
  // What comes from a log has its schema beside it, and its worker may have no org to ask.
  const check$ = context.stream === context.client ? whereCheck(plan, context.client) : EMPTY;
  const checked$ = defer(() => {
    context.onSubscribe();
    return run$;
  });
  return concat(check$, checked$);
}

function onlyTypes({ changeTypes }: TopicPlan): OperatorFunction<SinkEvent, SinkEvent> {
  if (!changeTypes) return identity;
  return byChangeType<ChangeEvent>(...changeTypes) as unknown as OperatorFunction<SinkEvent, SinkEvent>;
}

function pipelineContext(plan: TopicPlan, { client, storage, logger }: TopicContext) {
  const { topic, name } = plan;
  return { topic, name, logger, deadLetters: storage.deadLetters(plan), fetch: client.fetch.bind(client) };
}

function writing(plan: TopicPlan, context: WatchedContext, sink: Sink): OperatorFunction<SinkEvent, unknown> {
  const { batches, label, maxRetries } = plan;
  const { logger, watch } = context;
  const batched: OperatorFunction<SinkEvent, SinkEvent | SinkEvent[]> = batches
    ? batchBy(batches.size, batches.waitMs)
    : identity;
  return (events$) =>
    using(
      () => new FailureLog({ label, maxRetries, outages: watch.log, inHand: watch.inHand }, logger),
      (failures) => events$.pipe(batched, retrying(plan, context, sink, failures as FailureLog)),
    );
}

function retrying(
  plan: TopicPlan,
  { measures, storage, page, stream, tally, watch }: WatchedContext,
  sink: Sink,
  failures: FailureLog,
): OperatorFunction<SinkEvent | SinkEvent[], unknown> {
  const { outage, inHand } = watch;
  const writer = new SinkWriter(sink, stream, plan.org, (events) => {
    tally.wrote(events.length);
    outage.worked();
    failures.worked(events);
  });
  const write = measures.timed(plan.sink ?? '', (value: SinkEvent | readonly SinkEvent[], attempt: number) => {
    const events = eventsOf(value);
    return inHand.attempt(events, writer.write(events, attempt));
  });
  return retryWithDLQ<SinkEvent | SinkEvent[], Observable<never>>(measures.counted(write, plan.name), {
    deadLetters: inHand.puttingAside(storage.deadLetters(plan)),
    concurrency: plan.concurrency,
    maxRetries: plan.maxRetries,
    delays: (_attempt, error) => inHand.waits(outage.waitAfter(error)),
    retryable: isRetriable,
    outage: isOutage,
    splitBatches: true,
    onRetry: (value, attempt, error) => {
      const events = eventsOf(value);
      failures.retried(writer.left(events), error, events.length);
      measures.outcomes.onRetry(value, attempt, error);
    },
    onDeadLetter: (letter) => {
      const text = `An event was ${failures.putAside(letter)}`;
      page?.note({ level: 'error', text, org: plan.org, topic: plan.topic, name: plan.name });
      measures.outcomes.onDeadLetter(letter);
    },
  });
}

function eventsOf(value: SinkEvent | readonly SinkEvent[]): readonly SinkEvent[] {
  return Array.isArray(value) ? (value as readonly SinkEvent[]) : [value as SinkEvent];
}

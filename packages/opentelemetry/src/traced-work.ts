import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import type { SchedulerLike } from 'rxjs';
import { ATTRIBUTES, errorTypeOf, watchWork, type WorkEnd } from '@rxforce/core/telemetry';
import type { EventContexts } from './event-context.js';
import { tracedValue, type TracedValue } from './span-attributes.js';

/** How work is traced. */
export interface TracedOptions {
  /**
   * The name of the spans.
   *
   * @defaultValue `process` and the topic
   */
  readonly name?: string;
  /**
   * The name of the pipeline's position, `replay.name`, as an event does not say it.
   *
   * @defaultValue none
   */
  readonly group?: string;
}

/** What traced work needs. */
export interface TracingParts {
  readonly tracer: Tracer;
  readonly contexts: EventContexts;
  readonly scheduler: SchedulerLike;
  /** Whether the context of a single event is the parent of its span. */
  readonly isChild: boolean;
  /** Whether nobody takes spans, so that none need be made. */
  readonly isIdle: () => boolean;
  /** An attempt at a value has succeeded. `undefined` where nobody counts. */
  readonly succeeded: ((value: unknown) => void) | undefined;
}

/** The attempts at a value that did not succeed. */
interface Attempts {
  count: number;
  readonly first: SpanContext;
}

/** The same function, with a span for each call. The span is active while its work runs. */
export function tracedWork<A extends readonly unknown[], W>(
  parts: TracingParts,
  work: (...args: A) => W,
  { name, group }: TracedOptions,
): (...args: A) => W {
  // Most work succeeds at the first attempt, so nothing is kept of that.
  const attempts = new WeakMap<object, Attempts>();
  return (...args) => {
    if (parts.isIdle()) return countedWork(parts, work, args);
    const value = tracedValue(args[0], parts.scheduler.now());
    const { first, topic, attributes } = value;
    const before = isObject(first) ? attempts.get(first) : undefined;
    if (group !== undefined) attributes[ATTRIBUTES.group] = group;
    attributes['rxforce.attempt'] = (before?.count ?? 0) + 1;
    const origin = parts.isChild && !value.members ? parts.contexts.contextOf(first) : undefined;
    const parent = origin ?? context.active();
    const span = parts.tracer.startSpan(
      name ?? (topic === undefined ? 'process' : `process ${topic}`),
      { kind: SpanKind.CONSUMER, attributes, links: linksOf(parts, value, origin, before?.first) },
      parent,
    );
    const active = trace.setSpan(parent, span);
    return watchWork(() => work(...args), {
      within: (call) => context.with(active, call),
      ended: (end) => {
        if (end.type === 'ok') parts.succeeded?.(args[0]);
        else if (before) before.count++;
        // A batch comes as a copy for each attempt, and its members do not.
        else if (isObject(first)) attempts.set(first, { count: 1, first: span.spanContext() });
        endSpan(span, end);
      },
    });
  };
}

/** Work that has no span. */
function countedWork<A extends readonly unknown[], W>(
  { succeeded }: TracingParts,
  work: (...args: A) => W,
  args: A,
): W {
  if (succeeded === undefined) return work(...args);
  return watchWork(() => work(...args), {
    within: (call) => call(),
    ended: ({ type }) => {
      if (type === 'ok') succeeded(args[0]);
    },
  });
}

function endSpan(span: Span, end: WorkEnd): void {
  if (end.type === 'failed') failed(span, end.error);
  if (end.type === 'unsubscribed') span.setAttribute('rxforce.unsubscribed', true);
  span.end();
}

function failed(span: Span, error: unknown): void {
  span.setAttribute(ATTRIBUTES.error, errorTypeOf(error));
  span.recordException(error instanceof Error ? error : String(error));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Links to where the events come from, each once, and to the first attempt. */
function linksOf(
  { contexts }: TracingParts,
  { members, first }: TracedValue,
  parent: Context | undefined,
  firstAttempt: SpanContext | undefined,
): Link[] {
  const links: Link[] = [];
  const add = (span: SpanContext | undefined) => {
    if (span && !links.some(({ context: { spanId } }) => spanId === span.spanId)) links.push({ context: span });
  };
  if (members) for (const member of members) add(contexts.spanOf(member));
  else if (!parent) add(contexts.spanOf(first));
  add(firstAttempt);
  return links;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

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
  /** An attempt at a value has succeeded. */
  readonly succeeded: (value: unknown) => void;
}

/** The attempts at a value so far. */
interface Attempts {
  count: number;
  first: SpanContext | undefined;
}

/** The same function, with a span for each call. The span is active while its work runs. */
export function tracedWork<A extends readonly unknown[], W>(
  parts: TracingParts,
  work: (...args: A) => W,
  { name, group }: TracedOptions,
): (...args: A) => W {
  const attempts = new WeakMap<object, Attempts>();
  return (...args) => {
    const value = tracedValue(args[0], parts.scheduler.now());
    const before = attemptsAt(attempts, value);
    before.count++;
    const own = {
      ...value.attributes,
      ...(group !== undefined && { [ATTRIBUTES.group]: group }),
      'rxforce.attempt': before.count,
    };
    const parent = parentOf(parts, value);
    const links = linksOf(parts, value, parent, before.first);
    const span = parts.tracer.startSpan(
      name ?? (value.topic === undefined ? 'process' : `process ${value.topic}`),
      { kind: SpanKind.CONSUMER, attributes: own, links },
      parent ?? context.active(),
    );
    before.first ??= span.spanContext();
    const active = trace.setSpan(parent ?? context.active(), span);
    return watchWork(() => work(...args), {
      within: (call) => context.with(active, call),
      ended: (end) => {
        if (end.type === 'ok') parts.succeeded(args[0]);
        endSpan(span, end);
      },
    });
  };
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

/** A batch comes as a copy for each attempt, and its members do not. */
function attemptsAt(attempts: WeakMap<object, Attempts>, { items: [first] }: TracedValue): Attempts {
  const none = { count: 0, first: undefined };
  if (typeof first !== 'object' || first === null) return none;
  const known = attempts.get(first) ?? none;
  attempts.set(first, known);
  return known;
}

function parentOf({ isChild, contexts }: TracingParts, { items }: TracedValue): Context | undefined {
  return isChild && items.length === 1 ? contexts.contextOf(items[0]) : undefined;
}

/** Links to where the events come from, each once, and to the first attempt. */
function linksOf(
  { contexts }: TracingParts,
  { items }: TracedValue,
  parent: Context | undefined,
  first: SpanContext | undefined,
): Link[] {
  const origins = parent ? [] : items.map((item) => contexts.spanOf(item));
  const spans = new Map([...origins, first].flatMap((span) => (span ? [[span.spanId, span] as const] : [])));
  return [...spans.values()].map((span) => ({ context: span }));
}

import {
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
  type Context,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';

/** Where the context of an event travels, beside its headers. */
export interface Carrier {
  /**
   * The API name of a text field of the events, such as `TraceParent__c`. It has W3C's `traceparent`, in place of
   * headers.
   */
  readonly field: string;
}

/** What can carry a context: an event that came, or one to publish. */
export interface Carrying {
  readonly headers?: Readonly<Record<string, string | Uint8Array>> | undefined;
  readonly data?: unknown;
}

/** Longest text of a header that is read. */
const LONGEST_HEADER = 8_192;
const TRACEPARENT = 'traceparent';

/** Reads and writes the contexts of events: in their headers, or in a field. */
export class EventContexts {
  constructor(
    private readonly propagator: Pick<TextMapPropagator, 'inject' | 'extract'>,
    private readonly carrier: Carrier | undefined,
  ) {}

  /** The context that an event was published in. `undefined` where it has none. */
  contextOf(event: unknown): Context | undefined {
    if (this.carrier === undefined && (Object(event) as Carrying).headers === undefined) return undefined;
    const found = this.propagator.extract(ROOT_CONTEXT, Object(event) as Carrying, this.getter);
    return spanContextIn(found) === undefined ? undefined : found;
  }

  /** The span that an event was published in. */
  spanOf(event: unknown): SpanContext | undefined {
    const found = this.contextOf(event);
    return found && spanContextIn(found);
  }

  /** An event to publish, with the context. The event itself where there is none. */
  withContext<T>(event: T, context: Context): T {
    const written: Record<string, string> = {};
    this.propagator.inject(context, written, setter);
    if (Object.keys(written).length === 0 || typeof event !== 'object' || event === null) return event;
    const { headers, data } = event as Carrying;
    if (this.carrier === undefined) return { ...event, headers: { ...headers, ...written } };
    return { ...event, data: { ...(Object(data) as object), [this.carrier.field]: written[TRACEPARENT] } };
  }

  private readonly getter: TextMapGetter<Carrying> = {
    keys: ({ headers }) => (this.carrier === undefined ? Object.keys(headers ?? {}) : [TRACEPARENT]),
    get: ({ headers, data }, key) => {
      if (this.carrier === undefined) return textOf(headers?.[key]);
      if (key !== TRACEPARENT) return undefined;
      const text = (Object(data) as Record<string, unknown>)[this.carrier.field];
      return typeof text === 'string' ? text : undefined;
    },
  };
}

const setter: TextMapSetter<Record<string, string>> = {
  set: (written, key, value) => {
    written[key] = value;
  },
};

function spanContextIn(found: Context): SpanContext | undefined {
  const span = trace.getSpanContext(found);
  return span && isSpanContextValid(span) ? span : undefined;
}

function textOf(value: string | Uint8Array | undefined): string | undefined {
  if (value === undefined || value.length > LONGEST_HEADER) return undefined;
  return typeof value === 'string' ? value : new TextDecoder().decode(value);
}

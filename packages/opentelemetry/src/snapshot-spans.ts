import { ROOT_CONTEXT, SpanKind, type Span, type Tracer } from '@opentelemetry/api';
import { ATTRIBUTES, type ObservedStatus } from '@rxforce/core/telemetry';
import { operation } from './span-attributes.js';

/** Makes a span of each snapshot of an object, with an event for each page. */
export class SnapshotSpans {
  /** The spans that are open, by subscription and object. */
  private readonly open = new Map<string, Span>();

  constructor(private readonly tracer: Tracer) {}

  /** Hears how a snapshot goes on. */
  told(status: SnapshotStatus): void {
    const { subscription, entity, phase, rows, of } = status;
    if (phase === 'waiting') return;
    // One object is read after another.
    this.over(subscription, keyOf(status));
    const known = this.open.get(keyOf(status));
    // A process that starts again reports that everything was read before.
    if (known === undefined && phase === 'done') return;
    const span = known ?? this.begin(status);
    span.setAttribute('rxforce.snapshot.rows', rows);
    if (known) span.addEvent('page', { 'rxforce.snapshot.rows': rows });
    if (of !== undefined) span.setAttribute('rxforce.snapshot.of', of);
    if (phase === 'done') this.close(`${subscription} ${entity}`);
  }

  /** Ends the spans of a subscription, but for one. */
  over(subscription: number, except?: string): void {
    for (const key of this.open.keys()) if (key !== except && key.startsWith(`${subscription} `)) this.close(key);
  }

  /** Ends the spans that are open. */
  end(): void {
    for (const key of this.open.keys()) this.close(key);
  }

  private begin(status: SnapshotStatus): Span {
    const { topic, entity, name } = status;
    const attributes = {
      ...operation('snapshot', 'receive', topic),
      [ATTRIBUTES.entity]: entity,
      ...(name !== undefined && { [ATTRIBUTES.group]: name }),
    };
    const span = this.tracer.startSpan(`snapshot ${entity}`, { kind: SpanKind.INTERNAL, attributes }, ROOT_CONTEXT);
    this.open.set(keyOf(status), span);
    return span;
  }

  private close(key: string): void {
    this.open.get(key)?.end();
    this.open.delete(key);
  }
}

type SnapshotStatus = Extract<ObservedStatus, { readonly type: 'snapshot' }>;

function keyOf({ subscription, entity }: SnapshotStatus): string {
  return `${subscription} ${entity}`;
}

import { ROOT_CONTEXT, SpanKind, type Tracer } from '@opentelemetry/api';
import type { SchedulerLike, Subscription } from 'rxjs';
import { ATTRIBUTES, type ObservedStatus, type ObserveOptions, type StatusSource } from '@rxforce/core/telemetry';
import { SnapshotSpans } from './snapshot-spans.js';
import { operation } from './span-attributes.js';

/** Which spans are made. */
export interface StatusSpansOptions {
  /** Whether each commit has one. */
  readonly commits: boolean;
  /** `'snapshots'`: only those of snapshots. */
  readonly only: ObserveOptions['only'];
}

/**
 * Makes a span of each request to publish, and of each commit where they are wanted, when its answer came; and one of
 * each snapshot of an object, from its begin to its end.
 */
export function statusSpans(
  source: StatusSource,
  tracer: Tracer,
  clock: Pick<SchedulerLike, 'now'>,
  { commits, only }: StatusSpansOptions,
): Subscription {
  const snapshots = new SnapshotSpans(tracer);
  const subscription = source.status$.subscribe((status) => {
    if (status.type === 'snapshot') snapshots.told(status);
    if (status.type === 'closed') snapshots.over(status.subscription);
    if (only === 'snapshots') return;
    if (status.type === 'published') {
      const count = status.events + status.failed;
      span(status, { name: 'publish', type: 'send', kind: SpanKind.PRODUCER, count });
    }
    if (status.type === 'committed' && commits) {
      span(status, { name: 'commit', type: 'settle', kind: SpanKind.CLIENT, count: status.events });
    }
  });
  subscription.add(() => snapshots.end());
  return subscription;

  function span({ topic, name: group, tookMs }: Answered, { name, type, kind, count }: Wanted): void {
    const now = clock.now();
    const attributes = {
      ...operation(name, type, topic),
      ...(group !== undefined && { [ATTRIBUTES.group]: group }),
      'messaging.batch.message_count': count,
    };
    const startTime = new Date(now - tookMs);
    tracer.startSpan(`${name} ${topic}`, { kind, attributes, startTime }, ROOT_CONTEXT).end(new Date(now));
  }
}

type Answered = Extract<ObservedStatus, { readonly type: 'published' | 'committed' }>;

interface Wanted {
  readonly name: string;
  readonly type: string;
  readonly kind: SpanKind;
  readonly count: number;
}

import { map, merge, NEVER, Subject, throwError, timer, VirtualTimeScheduler, type Observable } from 'rxjs';
import { ConnectionError, type StatusDetail } from '@rxforce/core';
import { PublishError, ReplayId, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent, delivered } from '@rxforce/core/testing';
import { prometheusMetrics, type ObservedStatus, type OutcomeHooks } from '@rxforce/core/telemetry';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { meter, retryWithDLQ } from '@rxforce/operators';
import { openTelemetry } from '../../src/index.js';
import { measuring } from './sdk.js';

const TOPIC = '/data/LeadChangeEvent';
const AT = ReplayId.fromBytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7));
const FIGURES = { outstanding: 6, unsettled: 4, uncommitted: 0, window: 10 };

/** What happens to a subscription, and when. */
const LIFE: readonly (readonly [number, StatusDetail])[] = [
  [0, { type: 'connecting', from: 'earliest', failures: 0 }],
  [5, { type: 'connected' }],
  [8, { type: 'requested', numRequested: 10, ...FIGURES, outstanding: 10, unsettled: 0 }],
  [10, { type: 'live' }],
  [10, { type: 'received', events: 4, ...FIGURES }],
  [20, { type: 'pressure', ...FIGURES, outstanding: 0, unsettled: 10 }],
  [30, { type: 'parked' }],
  [35, { type: 'connecting', from: AT, failures: 0 }],
  [40, { type: 'waiting', attempt: 1, delayMs: 100, cause: new ConnectionError('broken') }],
  [60, { type: 'connecting', from: AT, failures: 1 }],
  [70, { type: 'replayReset', from: AT, policy: 'earliest' }],
  [80, { type: 'undecodable', replayId: AT, schemaId: 'schema' }],
  [90, { type: 'settledEarly', replayId: AT, beside: 'among-others' }],
  [95, { type: 'commitFailed', attempt: 1, delayMs: 100, tookMs: 40, cause: new ConnectionError('broken') }],
  [96, { type: 'commitGap', replayId: AT, ageMs: 60_000, eventsBehind: 3 }],
  [97, { type: 'acquired', token: 3 }],
  [98, { type: 'live' }],
  [99, { type: 'committed', position: AT, events: 2, tookMs: 12 }],
  // 100 of the rows were read by the process before.
  [100, { type: 'snapshot', phase: 'waiting', entity: 'Lead', rows: 0, of: undefined }],
  [101, { type: 'snapshot', phase: 'reading', entity: 'Lead', rows: 100, of: 500 }],
  [102, { type: 'snapshot', phase: 'reading', entity: 'Lead', rows: 300, of: 500 }],
  [103, { type: 'snapshot', phase: 'done', entity: 'Lead', rows: 512, of: 500 }],
];

/** Another client, of an event log. */
const LOG = {
  status$: NEVER,
  lag: () => Promise.resolve([{ topic: TOPIC, partition: 7, name: 'leads', events: 3, oldestAt: 0 }]),
};

const PUBLISHING: readonly StatusDetail[] = [
  { type: 'published', events: 7, failed: 1, tookMs: 80 },
  { type: 'refused', cause: new PublishError('refused', 'no') },
  { type: 'refused', cause: new PublishError('too-large', 'no') },
];

/**
 * Measures a scripted life of a client and a pipeline in virtual time, with both adapters at once: statuses, four
 * events of which one is tried again, one is put aside and one is never done, and a queue.
 */
export async function scriptedRun() {
  const status$ = new Subject<ObservedStatus>();
  const scheduler = new VirtualTimeScheduler();
  const deadLetters = memoryDeadLetterQueue();
  const queues = { failed: deadLetters };
  const sdk = measuring();
  const prometheus = prometheusMetrics({ status$ }, { queues, scheduler });
  const telemetry = openTelemetry({ meterProvider: sdk.meterProvider, queues, scheduler });
  telemetry.observe({ status$ });
  const others = [prometheus.observe(LOG), telemetry.observe(LOG)];
  for (const { timed } of [prometheus, telemetry]) {
    timed('crm', () => undefined)();
    await timed('crm', () => Promise.reject(new ConnectionError('broken')))().catch(() => undefined);
  }
  const ends = [
    pipeline(meter({ ...prometheus.hooks('leads'), scheduler }).measure, prometheus.counted, prometheus.outcomes),
    pipeline(telemetry.measureAs('leads'), telemetry.traced, telemetry.outcomes),
  ];
  report(status$, scheduler);
  // The queue answers in real time, and what follows is in virtual time.
  for (let turn = 0; turn < 4; turn++) {
    scheduler.flush();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  ends.forEach((end) => end());
  scheduler.flush();
  const text = await prometheus.text();
  const values = await sdk.values();
  others.forEach((other) => other.unsubscribe());
  return { text, values, stop: sdk.stop };

  function pipeline(
    measure: <E>(source: Observable<E>) => Observable<E>,
    traced: <A extends readonly unknown[], W>(work: (...args: A) => W) => (...args: A) => W,
    outcomes: OutcomeHooks,
  ): () => void {
    const policy = { deadLetters, maxRetries: 1, delays: () => 10, scheduler };
    const subscription = delivered(events(scheduler), scheduler)
      .values.pipe(measure, retryWithDLQ(traced(work(scheduler)), { ...policy, ...outcomes }))
      .subscribe();
    return () => subscription.unsubscribe();
  }
}

function report(status$: Subject<ObservedStatus>, scheduler: VirtualTimeScheduler): void {
  const of = { topic: TOPIC, subscription: 1, name: 'leads' };
  for (const [at, detail] of LIFE) scheduler.schedule(() => status$.next({ ...detail, ...of }), at);
  const publisher = { topic: '/event/Order__e', subscription: 2, name: undefined };
  for (const detail of PUBLISHING) scheduler.schedule(() => status$.next({ ...detail, ...publisher }), 50);
  status$.next({ type: 'login', ok: true, tookMs: 5, cause: undefined });
  status$.next({ type: 'login', ok: false, tookMs: 5, cause: new ConnectionError('broken') });
}

function events(scheduler: VirtualTimeScheduler): Observable<ChangeEvent> {
  const named = (name: string, index: number) =>
    timer(index * 2, scheduler).pipe(
      map(() => changeEvent({ topic: TOPIC, recordIds: ['00Q000000000001AAA'], data: { Name: name } })),
    );
  return merge(...['good', 'late', 'bad', 'never'].map(named), NEVER);
}

/** Takes 200 ms; one event succeeds at its second attempt, one never, and one is not done in the end. */
function work(scheduler: VirtualTimeScheduler) {
  return ({ data }: ChangeEvent, attempt: number) => {
    const isFailing = data.Name === 'bad' || (data.Name === 'late' && attempt === 1);
    if (isFailing) return throwError(() => new TypeError('no'));
    return data.Name === 'never' ? NEVER : timer(200, scheduler);
  };
}

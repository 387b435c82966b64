import { concat, defer, NEVER, of, Subject, timer, type Observable, map } from 'rxjs';
import {
  ReplayId,
  type ChangeEvent,
  type EventStream,
  type PubSubClient,
  type ReplayStore,
  type SubscribeOptions,
  type SubscriptionStatus,
} from '@rxforce/core';
import { deliverySource } from '@rxforce/core/delivery-source';
import type { SteppedTime } from '../../../core/test/support/stepped-time.js';
import type { RowSource } from '../../src/reading/page-source.js';
import type { ModelOrg, Thing } from './model-org.js';

/** How the stream of the model behaves. */
export interface ModelStreamTraits {
  /** How long it takes to open, in milliseconds. */
  readonly openMs: number;
  /** How long the stream is quiet before it tells its position, in milliseconds. */
  readonly keepaliveMs: number;
  /** Whether it says that its position is durable before it is: a mistake that must be found. */
  readonly boasts?: boolean;
}

const TOPIC = '/data/ThingChangeEvent';

export const idAt = (index: number) => ReplayId.fromBytes(Buffer.from(String(index)));
const indexOf = (position: ReplayId) => Number(Buffer.from(position.toBytes()).toString());

/** A client of the model's org: streams that continue at a stored position, and commit whatever is settled. */
export function modelClient(
  org: ModelOrg,
  time: SteppedTime,
  store: ReplayStore,
  traits: ModelStreamTraits,
): Pick<PubSubClient, 'changes' | 'topic'> {
  const key = { organizationId: '00D000000000001', topic: TOPIC, name: 'model' };
  const changes = (_topic: string, { settle = 'on-hold' }: SubscribeOptions = {}): EventStream<ChangeEvent<Thing>> => {
    const status$ = new Subject<SubscriptionStatus>();
    const tell = (status: object) =>
      status$.next({ ...status, topic: TOPIC, subscription: 1, name: 'model' } as SubscriptionStatus);
    const events$ = deliverySource<ChangeEvent<Thing>, number>(
      async (sink) => {
        const stored = (await store.load(key)) as ReplayId | undefined;
        if (sink.closed) return;
        tell({ type: 'connecting', from: stored ?? 'latest', failures: 0 });
        if (stored === undefined && traits.boasts) tell({ type: 'committed', position: idAt(0), events: 0, tookMs: 0 });
        time.schedule(() => void stream(stored === undefined ? org.readable : indexOf(stored), sink), traits.openMs);
      },
      {
        ...{ name: TOPIC, window: 20, scheduler: time, settle, logger: { warn: () => undefined } },
        settled: (index) => settled(index),
      },
    );
    let position = 0;
    const done = new Set<number>();
    const commit = () => {
      const at = idAt(position);
      void store.save(key, at).then(() => tell({ type: 'committed', position: at, events: 1, tookMs: 0 }));
    };
    const settled = (index: number) => {
      done.add(index);
      while (done.delete(position)) position++;
      commit();
    };
    type Sink = Parameters<Parameters<typeof deliverySource<ChangeEvent<Thing>, number>>[0]>[0];
    const stream = async (from: number, sink: Sink) => {
      position = from;
      let at = from;
      let isBusy = false;
      tell({ type: 'live' });
      const pump = async () => {
        if (isBusy) return;
        isBusy = true;
        while (at < org.readable && (await sink.room()) > 0) {
          // As a client does: no event of a new stream comes before it can be found again.
          if (at === from) {
            await store
              .save(key, idAt(from))
              .then(() => tell({ type: 'committed', position: idAt(from), events: 0, tookMs: 0 }));
          }
          if (sink.closed) break;
          sink.deliver(org.log[at]!.event, at++);
        }
        isBusy = false;
      };
      const stop = org.onEvent(() => void pump());
      const beat = () => {
        if (sink.closed) {
          stop();
          return;
        }
        if (at === org.readable && position === at) commit();
        time.schedule(beat, traits.keepaliveMs);
      };
      time.schedule(beat, traits.keepaliveMs);
      await pump();
    };
    return Object.assign(events$ as EventStream<ChangeEvent<Thing>>, { status$: status$.asObservable() });
  };
  const topic = () =>
    of({ topic: TOPIC, tenantId: '00D000000000001EAA', canPublish: false, canSubscribe: true, schemaId: 's' });
  return { changes: changes as never, topic };
}

/** Reads the org's records by pages. */
export function modelRows(
  org: ModelOrg,
  time: SteppedTime,
  { pageSize, pageMs, lag }: { readonly pageSize: number; readonly pageMs: number; readonly lag: () => number },
): (entity: string) => Observable<RowSource<Thing>> {
  const source: RowSource<Thing> = {
    count: undefined,
    schemaId: 's',
    page: (cursor) =>
      defer(() => {
        const rows = org.query(cursor ?? '', pageSize, lag());
        const page = { rows, cursor: rows.at(-1)?.recordId ?? cursor ?? '', isLast: rows.length < pageSize };
        return timer(pageMs, time).pipe(map(() => page));
      }),
  };
  return () => concat(of(source), NEVER);
}

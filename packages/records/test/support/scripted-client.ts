import { map, of, Subject, timer } from 'rxjs';
import {
  ReplayId,
  type ChangeEvent,
  type EventStream,
  type PubSubClient,
  type StatusDetail,
  type SubscribeOptions,
  type SubscriptionStatus,
} from '@rxforce/core';
import { deliverySource, type DeliverySink } from '@rxforce/core/delivery-source';
import type { SteppedTime } from '../../../core/test/support/stepped-time.js';
import type { RowSource } from '../../src/reading/page-source.js';

/** A record whose only field is its name. */
export interface Named {
  readonly Name: string;
}

/** One stream of changes, at the hands of a test. */
export interface ScriptedStream {
  readonly options: SubscribeOptions;
  readonly sink: DeliverySink<ChangeEvent<Named>, string>;
  /** Reports a status of the stream. */
  tell(status: StatusDetail): void;
  readonly settled: readonly string[];
}

/** A client whose streams do what the test says. */
export function scriptedClient(time: SteppedTime) {
  const streams: ScriptedStream[] = [];
  const changes = (topic: string, options: SubscribeOptions): EventStream<ChangeEvent<Named>> => {
    const status$ = new Subject<SubscriptionStatus>();
    const settled: string[] = [];
    const events$ = deliverySource<ChangeEvent<Named>, string>(
      (sink) => {
        const tell = (status: StatusDetail) => status$.next({ ...status, topic, subscription: 1, name: 'x' });
        streams.push({ options, sink, tell, settled });
      },
      { name: topic, settled: (name) => settled.push(name), scheduler: time, logger: { warn: () => undefined } },
    );
    return Object.assign(events$ as EventStream<ChangeEvent<Named>>, { status$: status$.asObservable() });
  };
  const topic = () =>
    of({ topic: '/data/X', tenantId: '00D000000000001EAA', canPublish: false, canSubscribe: true, schemaId: 's' });
  const client = { changes, topic } as unknown as Pick<PubSubClient, 'changes' | 'topic'>;
  return { client, streams };
}

/** Rows whose pages have two records each, and take 10 milliseconds. Keeps the cursors that were asked for. */
export function scriptedRows(time: SteppedTime, names: readonly string[], asked: (string | undefined)[] = []) {
  const rows = names.map((name, index) => ({ recordId: name, modifiedAt: 1_000 * index, record: { Name: name } }));
  const source: RowSource<Named> = {
    count: names.length,
    schemaId: 's',
    page: (cursor) => {
      asked.push(cursor);
      const from = cursor === undefined ? 0 : Number(cursor);
      const page = { rows: rows.slice(from, from + 2), cursor: String(from + 2), isLast: from + 2 >= rows.length };
      return timer(10, time).pipe(map(() => page));
    },
  };
  return source;
}

export const at = (name: string) => ReplayId.fromBytes(Buffer.from(name));

import { expect } from 'chai';
import {
  asyncScheduler,
  concat,
  every,
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  of,
  Subject,
  take,
  tap,
  toArray,
  type Observable,
} from 'rxjs';
import type { ChangeEvent, PubSubClient, RxforceError } from '@rxforce/core';
import { handle, limit } from '@rxforce/operators';
import type { Emulator } from '@rxforce/emulator';
import type { PublishInput } from '../../src/publish/publish-input.js';
import { publishingTo, type RealPublishing } from '../support/real-publishing.js';
import { clientOf, withEmulator } from '../support/emulated.js';
import { startProxy } from '../support/proxy.js';
import { until } from '../fault/support/wait-for.js';

const TOPIC = '/event/Order_Event__e';

interface Order {
  readonly CreatedDate: number;
  readonly CreatedById: string;
  readonly Order_Number__c: string | null;
  readonly Amount__c: number | null;
  readonly Has_Shipped__c: boolean | null;
  readonly Ordered_At__c: number | null;
  readonly Comment__c: string | null;
}

const orderOf = (number: string): PublishInput<Order> => ({ id: number, data: { Order_Number__c: number } });

function withPublishing(
  test: (parts: { emulator: Emulator; client: PubSubClient; publishing: RealPublishing }) => Promise<void>,
): Promise<void> {
  return withEmulator(async (emulator, client) => {
    const publishing = publishingTo(emulator, { scheduler: asyncScheduler }, {});
    try {
      await test({ emulator, client, publishing });
    } finally {
      publishing.close();
    }
  });
}

const errorOf = (source: Observable<unknown>) => lastValueFrom(source).catch((error: unknown) => error as RxforceError);

describe('Publishing', () => {
  it('carries headers to the subscribers, as bytes, and none where none were given', () =>
    withPublishing(async ({ client }) => {
      const headers = {
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        raw: Uint8Array.of(0, 255),
      };
      await client.publishNow(TOPIC, { ...orderOf('1'), headers });
      await client.publishNow(TOPIC, orderOf('2'));
      const events = client.events<Order>(TOPIC, { replay: 'earliest' });
      const [first, second] = await lastValueFrom(events.pipe(limit(2), toArray()));
      expect(Buffer.from(first!.headers!.traceparent!).toString()).to.equal(headers.traceparent);
      expect(first!.headers!.raw).to.deep.equal(headers.raw);
      expect(second).not.to.have.property('headers');
    }));

  it('puts an event on the topic as it was given', () =>
    withPublishing(async ({ client, publishing }) => {
      const orderedAt = new Date('2026-02-03T04:05:06.007Z');
      const data = { Order_Number__c: 'Ä-1', Amount__c: 12.5, Has_Shipped__c: false };
      const result = await firstValueFrom(
        publishing.publish<Order>(TOPIC, { id: 'my id', data: { ...data, Ordered_At__c: orderedAt } }),
      );
      const event = await firstValueFrom(client.events<Order>(TOPIC, { replay: 'earliest' }));
      expect(result.unwrap()).to.include({ topic: TOPIC, id: 'my id' });
      expect(event.id).to.equal('my id');
      expect(event.replayId.equals(result.unwrap().replayId)).to.equal(true);
      expect(event.data).to.deep.include({ ...data, Ordered_At__c: orderedAt.getTime(), Comment__c: null });
      expect(event.data.CreatedById).to.equal('005000000000001AAA');
    }));

  it('publishes thousands, one call after the other or on a stream, in order', () =>
    withPublishing(async ({ emulator, publishing }) => {
      const numbers = (prefix: string) => Array.from({ length: 1_000 }, (_, index) => `${prefix}${index}`);
      const calls = publishing.publish<Order>(TOPIC, numbers('call ').map(orderOf));
      const stream = from(numbers('stream ')).pipe(map(orderOf), publishing.publisher<Order>(TOPIC));
      for (const results of [calls, stream]) {
        expect((await lastValueFrom(results.pipe(toArray()))).every(({ ok }) => ok)).to.equal(true);
      }
      expect(emulator.log(TOPIC).map(({ id }) => id)).to.deep.equal([...numbers('call '), ...numbers('stream ')]);
    }));

  it('settles the changes that events are made of, once these are published', () =>
    withPublishing(async ({ emulator, client, publishing }) => {
      for (let index = 0; index < 300; index++) emulator.org.create('Account', { Name: `account ${index}` });
      const published = client.changes<{ Name: string }>('Account', { replay: 'earliest', window: 20 }).pipe(
        map(({ id, data }: ChangeEvent<{ Name: string }>) => ({ id, data: { Order_Number__c: data.Name ?? null } })),
        publishing.publisher<Order>(TOPIC),
        handle((result) => of(result.unwrap().id)),
        limit(300),
        toArray(),
      );
      const ids = await lastValueFrom(published);
      expect(ids).to.deep.equal(emulator.log('/data/AccountChangeEvent').map(({ id }) => id));
      expect(emulator.log(TOPIC).map(({ id }) => id)).to.deep.equal(ids);
    }));

  it('is by the user of the session, where the client knows who that is', () =>
    withEmulator(async (emulator, client) => {
      const { publish, publisher } = client;
      const results = concat(publish<Order>(TOPIC, orderOf('a')), of(orderOf('b')).pipe(publisher<Order>(TOPIC)));
      expect(await lastValueFrom(results.pipe(every(({ ok }) => ok)))).to.equal(true);
      const events = await lastValueFrom(client.events<Order>(TOPIC, { replay: 'earliest' }).pipe(limit(2), toArray()));
      emulator.org.create('Account', { Name: 'whoever' });
      const userId = emulator.org.records('Account')[0]?.CreatedById;
      expect(events.map(({ data }) => data.CreatedById)).to.deep.equal([userId, userId]);
    }));

  it('is over before drain() resolves, and ends with an error at close()', () =>
    withEmulator(async (emulator, client) => {
      const source = new Subject<PublishInput<Order>>();
      const seen: string[] = [];
      source.pipe(client.publisher<Order>(TOPIC)).subscribe({
        next: (result) => seen.push(result.unwrap().id),
        error: (error: unknown) => seen.push((error as RxforceError).code),
      });
      ['a', 'b', 'c'].forEach((number) => source.next(orderOf(number)));
      await client.drain();
      expect(seen).to.deep.equal(['a', 'b', 'c', 'client-closed']);
      expect(emulator.log(TOPIC).map(({ id }) => id)).to.deep.equal(['a', 'b', 'c']);
      const error = await errorOf(client.publish<Order>(TOPIC, orderOf('d')));
      expect(error).to.include({ code: 'client-closed' });
    }));

  it('publishes what work on events gives it while the client drains, before drain() resolves', () =>
    withEmulator(async (emulator, client) => {
      const orders = new Subject<PublishInput<Order>>();
      const seen: string[] = [];
      orders.pipe(client.publisher<Order>(TOPIC)).subscribe({
        next: (result) => seen.push(result.unwrap().id),
        error: () => undefined,
      });
      emulator.org.create('Account', { Name: 'a' });
      const gate = new Subject<void>();
      let working = false;
      const work = async () => {
        working = true;
        await firstValueFrom(gate);
        orders.next(orderOf('late'));
      };
      client.changes('Account', { replay: 'earliest' }).pipe(handle(work)).subscribe();
      await until(() => working);
      const drained = client.drain();
      gate.next();
      expect(await drained).to.include({ unsettled: 0 });
      expect(seen).to.deep.equal(['late']);
    }));

  it('says that a topic does not exist', () =>
    withPublishing(async ({ publishing }) => {
      const error = await errorOf(publishing.publish('/event/Nothing__e', { data: {} }));
      expect(error).to.include({ code: 'topic-unavailable', topic: '/event/Nothing__e' });
    }));

  it('knows that nothing was sent, where nobody listens', () =>
    withEmulator(async (emulator) => {
      const publishing = publishingTo(emulator, { scheduler: asyncScheduler, random: () => 0 });
      const publish = (number: string) =>
        firstValueFrom(publishing.publish<Order>(TOPIC, orderOf(number), { maxAttempts: 3 }));
      try {
        expect((await publish('first')).ok).to.equal(true);
        await emulator.faults.stopServer();
        const error = await publish('second').catch((thrown: unknown) => thrown);
        expect(error).to.include({ code: 'connection', neverSent: true });
        await emulator.faults.startServer();
        expect(emulator.log(TOPIC).map(({ id }) => id)).to.deep.equal(['first']);
      } finally {
        publishing.close();
      }
    }));

  for (const direction of ['toClient', 'toServer'] as const) {
    it(`makes another connection, when bytes vanish on the one that it has (${direction})`, () =>
      withEmulator(async (emulator) => {
        const proxy = await startProxy(Number(emulator.grpcEndpoint.split(':')[1]));
        // Its pings would notice in 45 seconds.
        const client = clientOf(emulator, { endpoint: proxy.endpoint, logger: { warn: () => undefined } });
        const source = new Subject<PublishInput<Order>>();
        try {
          const published = source.pipe(
            client.publisher<Order>(TOPIC, { answerTimeoutMs: 300 }),
            map((result) => result.unwrap().id),
            tap((id) => {
              if (id === 'a') proxy.dropBytes(direction);
              source.next(orderOf('b'));
            }),
            take(2),
            toArray(),
          );
          const ids = lastValueFrom(published);
          source.next(orderOf('a'));
          expect(await ids).to.deep.equal(['a', 'b']);
        } finally {
          client.close();
          await proxy.stop();
        }
      }));
  }

  it('ends its half of the stream, once all is published', () =>
    withPublishing(async ({ emulator, publishing }) => {
      await lastValueFrom(of(orderOf('a')).pipe(publishing.publisher<Order>(TOPIC)));
      while (emulator.publishStreams().length > 0) await new Promise((resolve) => setImmediate(resolve));
    }));
});

import { expect } from 'chai';
import { filter, firstValueFrom, map, Subject, take, toArray, type Observable } from 'rxjs';
import { clientCredentials, ReplayId, type Status } from '@rxforce/core';
import { startEmulator } from '@rxforce/emulator';
import { clientOf, withEmulator } from '../support/emulated.js';
import { keep } from '../support/keep.js';
import { startProxy } from '../support/proxy.js';
import { hasRecordedData, recordedEvents, recordedSchema } from '../support/recorded.js';
import { errorOf } from '../support/client-errors.js';

interface Account {
  Name: string | null;
  AnnualRevenue: number | null;
  BillingAddress: { City: string | null } | null;
}

const collect = <T>(source: Observable<T>, count: number) => firstValueFrom(source.pipe(take(count), toArray()));

describe('A client', () => {
  it('receives the changes of an entity over TLS, with names for the bitmaps', () =>
    withEmulator(async ({ org }, client) => {
      const id = org.create('Account', { Name: 'Acme', AnnualRevenue: 5, BillingAddress: { City: 'Paris' } });
      org.update('Account', id, { AnnualRevenue: null, BillingAddress: { City: 'Rome' } });
      org.delete('Account', id);
      const events = await collect(client.changes<Account>('Account', { replay: 'earliest' }), 3);
      expect(events.map(({ header }) => header.changeType)).to.deep.equal(['CREATE', 'UPDATE', 'DELETE']);
      expect(events.map(({ header }) => header.recordIds)).to.deep.equal([[id], [id], [id]]);
      expect(events[0]?.data).to.deep.include({ Name: 'Acme', AnnualRevenue: 5 });
      expect(events[1]?.data).to.deep.include({ Name: null, AnnualRevenue: null });
      expect(events[1]?.data.BillingAddress?.City).to.equal('Rome');
      expect(events[1]?.header.nulledFields).to.deep.equal(['AnnualRevenue']);
      expect(events[1]?.header.changedFields).to.include.members(['AnnualRevenue', 'BillingAddress.City']);
      expect(typeof events[0]?.header.commitNumber).to.equal('bigint');
    }));

  it('goes on after a replay id, and from the tip', () =>
    withEmulator(async ({ org }, client) => {
      ['a', 'b', 'c'].forEach((Name) => org.create('Account', { Name }));
      const [first] = await collect(client.changes<Account>('Account', { replay: 'earliest' }), 1);
      const stored = ReplayId.parse(first!.replayId.toString());
      const rest = await collect(client.changes<Account>('Account', { replay: stored }), 2);
      expect(rest.map(({ data }) => data.Name)).to.deep.equal(['b', 'c']);
      const live = firstValueFrom(client.status$.pipe(filter(({ type }) => type === 'requested')));
      const next = collect(client.changes<Account>('Account'), 1);
      await live;
      // The tip is where the server stands when it reads the first request, which it may not have done yet.
      const names: string[] = [];
      const timer = setInterval(() => {
        names.push(`d${names.length}`);
        org.create('Account', { Name: names.at(-1)! });
      }, 5);
      const [event] = await next;
      clearInterval(timer);
      expect(event?.data.Name).to.match(/^d/);
    }));

  it('receives all entities on a channel, each event with its own schema', () =>
    withEmulator(async ({ org }, client) => {
      org.create('Account', { Name: 'a' });
      org.create('Lead', { Name: { LastName: 'b' }, Company: 'c' });
      org.create('Project__c', { Name: 'd' });
      const events = await collect(client.changes('/data/ChangeEvents', { replay: 'earliest' }), 3);
      expect(events.map(({ header }) => header.entityName)).to.deep.equal(['Account', 'Lead', 'Project__c']);
      expect(new Set(events.map(({ schemaId }) => schemaId))).to.have.property('size', 3);
    }));

  it('knows topics and schemas', () =>
    withEmulator(async (_emulator, client) => {
      const topic = await firstValueFrom(client.topic('Account'));
      expect(topic).to.include({ topic: '/data/AccountChangeEvent', canSubscribe: true });
      const schema = await firstValueFrom(client.schema(topic.schemaId!));
      expect(JSON.parse(schema.json)).to.include({ name: 'AccountChangeEvent' });
      expect(await firstValueFrom(client.topic('/data/ChangeEvents'))).to.have.property('schemaId', undefined);
    }));

  it('holds no more than its window while the handler is slow, and the server sees no more asked for', () =>
    withEmulator(async ({ org, subscriptions }, client) => {
      for (let index = 0; index < 50; index++) org.create('Account', { Name: `a${index}` });
      const releases: (() => void)[] = [];
      const full = firstValueFrom(client.status$.pipe(filter(({ type }) => type === 'pressure')));
      const done = new Subject<void>();
      const subscription = client
        .changes('Account', { replay: 'earliest', window: 10 })
        .pipe(
          keep((_event, held) => {
            releases.push(() => held.release());
            if (releases.length === 50) done.next();
          }),
        )
        .subscribe();
      expect(await full).to.include({ unsettled: 10, outstanding: 0, window: 10 });
      expect(subscriptions()).to.have.length(1);
      expect(subscriptions()[0]).to.include({ delivered: 10, pending: 0 });
      const all = firstValueFrom(done);
      let released = 0;
      const step = setInterval(() => {
        while (released < releases.length) releases[released++]?.();
      }, 1);
      await all;
      clearInterval(step);
      expect(subscriptions()[0]?.maxPending).to.be.at.most(10);
      subscription.unsubscribe();
    }));

  it('has a stream for each subscription, and none once all are unsubscribed', () =>
    withEmulator(async ({ subscriptions, org }, client) => {
      org.create('Account', { Name: 'a' });
      const received: Promise<unknown>[] = [];
      const subscribed = Array.from({ length: 20 }, () => {
        const events = client.changes('Account', { replay: 'earliest' });
        return events.subscribe({ next: () => received.push(Promise.resolve()) });
      });
      await until(() => received.length === 20);
      expect(subscriptions()).to.have.length(20);
      subscribed.forEach((each) => each.unsubscribe());
      await until(() => subscriptions().length === 0);
    }));

  it('ends everything at close(), and refuses to start anew', () =>
    withEmulator(async (emulator, client) => {
      const { subscriptions } = emulator;
      const ends: string[] = [];
      client.changes('Account').subscribe({ complete: () => ends.push('account') });
      client.changes('Lead').subscribe({ complete: () => ends.push('lead') });
      await until(() => subscriptions().length === 2);
      client.close();
      client.close();
      expect(ends).to.deep.equal(['account', 'lead']);
      await until(() => subscriptions().length === 0);
      expect(await errorOf(client.changes('Account'))).to.include({ code: 'client-closed' });
      expect(await errorOf(client.topic('Account'))).to.include({ code: 'client-closed' });
      const other = clientOf(emulator);
      const pending = errorOf(other.topic('Account'));
      other.close();
      expect(await pending).to.include({ code: 'client-closed' });
    }));

  it('closes its connection once it is closed and the work on its events is over', () =>
    withEmulator(async (emulator) => {
      const proxy = await startProxy(Number(emulator.grpcEndpoint.split(':')[1]));
      const client = clientOf(emulator, { endpoint: proxy.endpoint });
      client.changes('Account').subscribe();
      await until(() => emulator.subscriptions().length === 1);
      expect(proxy.connections).to.equal(1);
      client.close();
      await until(() => proxy.connections === 0);
      await proxy.stop();
    }));

  it('logs in once, however many subscriptions start at once', () =>
    withEmulator(async (emulator) => {
      let logins = 0;
      const provider = clientCredentials({ loginUrl: emulator.httpUrl, ...emulator.credentials });
      const auth = { open: () => (logins++, provider.open()) };
      const client = clientOf(emulator, { auth });
      await Promise.all(['Account', 'Lead', 'Contact'].map((name) => firstValueFrom(client.topic(name))));
      client.close();
      expect(logins).to.equal(1);
    }));

  it('tells what happens', () =>
    withEmulator(async ({ org }, client) => {
      org.create('Account', { Name: 'a' });
      const statuses: Status['type'][] = [];
      client.status$.pipe(map(({ type }) => type)).subscribe((type) => statuses.push(type));
      await collect(client.changes('Account', { replay: 'earliest' }), 1);
      expect(statuses).to.deep.equal(['connecting', 'login', 'requested', 'connected', 'live', 'received', 'closed']);
    }));

  if (hasRecordedData) {
    it('decodes recorded events to the values recorded with them', () =>
      withEmulator(async ({ serveRecorded }, client) => {
        const recorded = recordedEvents();
        const schemas = [recordedSchema('AccountChangeEvent.2023-07')];
        serveRecorded('/data/AccountChangeEvent', { schemas, events: recorded.map(({ wire }) => wire) });
        const events = await collect(client.changes('Account', { replay: 'earliest' }), recorded.length);
        events.forEach(({ id, replayId, header, data }, index) => {
          const { wire, decoded } = recorded[index]!;
          const { ChangeEventHeader: expectedHeader, ...expectedData } = decoded;
          expect([id, replayId.toString()]).to.deep.equal([wire.event.id, wire.replayId]);
          expect(data).to.deep.equal(expectedData);
          const { changedFields, commitNumber, ...rest } = header;
          expect(commitNumber).to.equal(BigInt(expectedHeader.commitNumber as number));
          expect(expectedHeader).to.deep.include(rest);
          expect(changedFields).to.have.length(index < 3 ? 0 : index === 4 ? 2 : 1);
        });
        expect(events.flatMap(({ header }) => header.changedFields)).to.deep.equal([
          'LastModifiedDate',
          'Some_Email__c',
          'Some_Check_Box__c',
          'Some_Email__c',
        ]);
      }));
  }

  it('receives platform events', async () => {
    const emulator = await startEmulator({ tls: false });
    const schema = JSON.stringify({
      type: 'record',
      name: 'Visit__e',
      namespace: 'com.sforce.eventbus',
      fields: [{ name: 'Guest__c', type: ['null', 'string'], default: null }],
    });
    const { parseSchema, schemaIdOf } = await import('@rxforce/core/codec');
    const type = parseSchema(schema);
    const payload = type.toBuffer({ Guest__c: 'Ada' }).toString('base64');
    emulator.serveRecorded('/event/Visit__e', {
      schemas: [schema],
      events: [{ event: { id: '1', schemaId: schemaIdOf(type), payload }, replayId: 'AAAAAAAAAAEAAA==' }],
    });
    const client = clientOf(emulator);
    const [event] = await collect(client.events<{ Guest__c: string }>('/event/Visit__e', { replay: 'earliest' }), 1);
    expect(event).to.deep.include({ id: '1', topic: '/event/Visit__e', data: { Guest__c: 'Ada' } });
    client.close();
    await emulator.stop();
  });
});

/** Waits, turn by turn, until something is so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}

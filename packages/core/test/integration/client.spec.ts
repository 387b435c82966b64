import { expect } from 'chai';
import { filter, firstValueFrom, lastValueFrom, map, Subject, take, toArray, type Observable } from 'rxjs';
import {
  clientCredentials,
  createClient,
  ReplayId,
  staticSession,
  type RxforceError,
  type Status,
} from '@rxforce/core';
import { startEmulator } from '@rxforce/emulator';
import { payloadOf, THING } from '../support/fake-service.js';
import { clientOf, withEmulator } from '../support/emulated.js';
import { keep } from '../support/keep.js';
import { startProxy } from '../support/proxy.js';
import { hasRecordedData, recordedEvents, recordedSchema } from '../support/recorded.js';
import { startRawServer, wireError } from '../support/raw-server.js';

interface Account {
  Name: string | null;
  AnnualRevenue: number | null;
  BillingAddress: { City: string | null } | null;
}

/** The error that an Observable ends with. */
async function errorOf(source: Observable<unknown>): Promise<RxforceError> {
  try {
    await lastValueFrom(source, { defaultValue: undefined });
  } catch (error) {
    return error as RxforceError;
  }
  throw new Error('It did not error.');
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

  describe('gives bad input its own error, and survives', () => {
    it('an unknown topic', () =>
      withEmulator(async (_emulator, client) => {
        const error = await errorOf(client.changes('Nothing'));
        expect(error).to.include({ code: 'topic-unavailable', topic: '/data/NothingChangeEvent', retriable: false });
        expect(error.message).to.include('Setup > Change Data Capture');
        expect(await firstValueFrom(client.topic('Account'))).to.include({ canSubscribe: true });
      }));

    it('an invalid replay id', () =>
      withEmulator(async (_emulator, client) => {
        const replay = ReplayId.fromBytes(Buffer.from('not a position'));
        const error = await errorOf(client.changes('Account', { replay }));
        expect(error).to.include({ code: 'replay-id-invalid', replayId: replay.toString() });
        expect(error.message).to.include("'earliest'");
      }));

    it('a refused login', () =>
      withEmulator(async (emulator) => {
        const auth = clientCredentials({
          ...emulator.credentials,
          loginUrl: emulator.httpUrl,
          clientSecret: 'wrong-secret',
        });
        const client = clientOf(emulator, { auth });
        const error = await errorOf(client.changes('Account'));
        expect(error).to.include({ code: 'authentication', name: 'AuthenticationError' });
        expect(error.message).to.include('client id and secret').and.not.include('wrong-secret');
        client.close();
      }));

    it('a login page that is none', () =>
      withEmulator(async (emulator) => {
        const auth = clientCredentials({ loginUrl: 'http://localhost:1', clientId: 'x', clientSecret: 'y' });
        const client = clientOf(emulator, { auth });
        const error = await errorOf(client.changes('Account', { maxAttempts: 1 }));
        expect(error).to.include({ code: 'connection', retriable: true });
        expect(error.message).to.include('http://localhost:1/services/oauth2/token');
        client.close();
      }));

    it('a session that was refused', () =>
      withEmulator(async (emulator) => {
        const auth = staticSession({ ...emulator.credentials, accessToken: '00D000000000000!stale' });
        const client = clientOf(emulator, { auth });
        expect(await errorOf(client.changes('Account'))).to.include({ code: 'authentication' });
        client.close();
      }));

    it('a wrong endpoint', () =>
      withEmulator(async (emulator) => {
        const wrong = { Nothing: 'localhost:1', http: new URL(emulator.httpUrl).host };
        for (const endpoint of Object.values(wrong)) {
          const client = clientOf(emulator, { endpoint });
          const error = await errorOf(client.changes('Account', { maxAttempts: 1 }));
          expect(error).to.include({ code: 'connection', name: 'ConnectionError' });
          expect(error.message).to.include(endpoint);
          client.close();
        }
      }));

    it('TLS that is not trusted, and plaintext where TLS is spoken', () =>
      withEmulator(async (emulator) => {
        const untrusting = createClient({ auth: staticSession(emulator.credentials), endpoint: emulator.grpcEndpoint });
        const error = await errorOf(untrusting.changes('Account'));
        expect(error).to.include({ code: 'connection', retriable: false });
        expect(error.message).to.include('tls: { ca }');
        const plaintext = createClient({
          auth: staticSession(emulator.credentials),
          endpoint: emulator.grpcEndpoint,
          insecure: true,
        });
        expect(await errorOf(plaintext.changes('Account', { maxAttempts: 1 }))).to.include({ code: 'connection' });
        untrusting.close();
        plaintext.close();
      }));

    it('a truncated payload', () =>
      withEmulator(async ({ serveRecorded }, client) => {
        const payload = payloadOf('x').subarray(0, 20).toString('base64');
        serveRecorded('/data/ThingChangeEvent', {
          schemas: [THING.json],
          events: [{ event: { id: '1', schemaId: THING.id, payload }, replayId: 'AAAAAAAAAAEAAA==' }],
        });
        const error = await errorOf(client.changes('/data/ThingChangeEvent', { replay: 'earliest' }));
        expect(error).to.include({ code: 'undecodable', name: 'DecodeError', schemaId: THING.id });
        expect(error).to.include({ topic: '/data/ThingChangeEvent', replayId: 'AAAAAAAAAAEAAA==' });
        expect(error.message).to.include('onUndecodable');
      }));

    it('a schema that does not match its id', async () => {
      const server = await startRawServer((call) => {
        call.on('data', () => {
          call.write({
            events: [{ event: { id: '1', schemaId: 'another', payload: payloadOf('x') }, replayId: Buffer.from('1') }],
          });
        });
      });
      const auth = staticSession({ accessToken: '00D!x', instanceUrl: 'https://x.example' });
      const client = createClient({ auth, endpoint: server.endpoint, insecure: true });
      const error = await errorOf(client.changes('Account'));
      expect(error).to.include({ code: 'schema-invalid', name: 'SchemaError', schemaId: 'another' });
      expect(error).to.include({ topic: '/data/AccountChangeEvent', replayId: Buffer.from('1').toString('base64') });
      client.close();
      server.stop();
    });

    for (const [name, code] of Object.entries({ NOT_FOUND: 5, PERMISSION_DENIED: 7, INVALID_ARGUMENT: 3 })) {
      it(`a schema that is answered with ${name}: the event is put aside, or named in the error`, async () => {
        const wire = { id: '1', schemaId: 'gone', payload: payloadOf('x') };
        const server = await startRawServer(
          (call) => call.on('data', () => call.write({ events: [{ event: wire, replayId: Buffer.from('1') }] })),
          (_call, callback) => callback(wireError(code, 'no such schema')),
        );
        const auth = staticSession({ accessToken: '00D!x', instanceUrl: 'https://x.example' });
        const client = createClient({ auth, endpoint: server.endpoint, insecure: true });
        const replayId = Buffer.from('1').toString('base64');
        const error = await errorOf(client.changes('Account', { replay: 'earliest' }));
        expect(error).to.include({ topic: '/data/AccountChangeEvent', replayId, schemaId: 'gone', grpcStatus: code });
        const reason = await new Promise<unknown>((resolve, reject) => {
          client
            .changes('Account', { replay: 'earliest', onUndecodable: (_event, cause) => resolve(cause) })
            .subscribe({
              error: reject,
            });
        });
        expect(reason).to.include({ code: 'undecodable', replayId, schemaId: 'gone' });
        client.close();
        server.stop();
      });
    }

    it('no schema that a test server gives an id of its own, when its ids are trusted', async () => {
      const server = await startRawServer((call) => {
        call.on('data', () => {
          call.write({
            events: [{ event: { id: '1', schemaId: 'made-up', payload: payloadOf('x') }, replayId: Buffer.from('1') }],
          });
        });
      });
      const auth = staticSession({ accessToken: '00D!x', instanceUrl: 'https://x.example' });
      const client = createClient({ auth, endpoint: server.endpoint, insecure: true, schemaIds: 'trust' });
      const event = await firstValueFrom(client.changes('Account'));
      expect([event.schemaId, event.data.Name]).to.deep.equal(['made-up', 'x']);
      expect((await firstValueFrom(client.schema('made-up'))).id).to.equal('made-up');
      client.close();
      server.stop();
    });

    const auth = staticSession({ accessToken: '00D!x', instanceUrl: 'https://x.example' });
    const invalid: [string, () => unknown, RegExp][] = [
      ['no login', () => createClient({} as never), /needs auth/],
      ['an option that does not exist', () => createClient({ auth, endpont: 'x:1' } as never), /no option "endpont"/],
      [
        'a logger that cannot warn',
        () => createClient({ auth, logger: {} as never }),
        /logger must have a function warn/,
      ],
      [
        'a policy for schema ids that does not exist',
        () => createClient({ auth, schemaIds: 'no' as never }),
        /schemaIds/,
      ],
      ['a key that is none', () => createClient({ auth, tls: { key: 'x', cert: 'y' } }), /PEM/],
      [
        'an instance without a scheme',
        () => staticSession({ accessToken: '00D!x', instanceUrl: 'localhost:8080' }),
        /instanceUrl/,
      ],
      ['a topic that is nothing', () => createClient({ auth }).changes(undefined as never), /neither/],
      ['an endpoint with a scheme', () => createClient({ auth, endpoint: 'https://api:443' }), /host:port/],
      ['TLS and plaintext at once', () => createClient({ auth, tls: {}, insecure: true }), /exclude/],
      ['a session without a token', () => staticSession({ accessToken: '', instanceUrl: 'https://x' }), /accessToken/],
      [
        'a session without an org',
        () => staticSession({ accessToken: 'x', instanceUrl: 'https://x' }),
        /organizationId/,
      ],
      ['an instance that is no URL', () => staticSession({ accessToken: '00D!x', instanceUrl: 'x' }), /instanceUrl/],
      [
        'client credentials at login.salesforce.com',
        () => clientCredentials({ loginUrl: 'https://login.salesforce.com', clientId: 'x', clientSecret: 'y' }),
        /My Domain/,
      ],
      [
        'client credentials without a secret',
        () => clientCredentials({ loginUrl: 'https://x', clientId: 'x', clientSecret: '' }),
        /clientSecret/,
      ],
      ['a topic that is none', () => createClient({ auth }).changes('no topic'), /neither an entity nor a topic/],
      ['changes of a platform event', () => createClient({ auth }).changes('/event/X__e'), /client\.events/],
      ['an option out of range', () => createClient({ auth }).changes('Account', { window: 0 }), /window is 0/],
    ];
    for (const [what, call, message] of invalid) {
      it(what, () => expect(call).to.throw(message).with.property('code', 'configuration'));
    }
  });

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

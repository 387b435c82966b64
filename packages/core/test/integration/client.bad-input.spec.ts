import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import { clientCredentials, createClient, ReplayId, staticSession } from '@rxforce/core';
import { payloadOf, THING } from '../support/fake-service.js';
import { clientOf, withEmulator } from '../support/emulated.js';
import { startRawServer, wireError } from '../support/raw-server.js';
import { errorOf } from '../support/client-errors.js';

describe('A client', () => {
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
});

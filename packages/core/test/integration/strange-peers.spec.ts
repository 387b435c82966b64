import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { filter, firstValueFrom, NEVER, of, ReplaySubject, scan, type Observable } from 'rxjs';
import { createClient, type ClientOptions, type PubSubClient, type RxforceError } from '@rxforce/core';
import { until } from '../../../../test/support/until.js';
import { sharedSession } from '../../src/login/shared-session.js';
import { grpcTransport } from '../../src/grpc/transport.js';
import { THING, wireEvent } from '../support/fake-service.js';
import { messageHead, respondGrpc, startHttp2Server, type Http2Server } from '../support/http2-server.js';
import { startRawServer } from '../support/raw-server.js';

const SESSION = { accessToken: '00D!x', instanceUrl: 'https://acme.example', organizationId: '00D' };
const auth = { open: () => Promise.resolve(SESSION) };

function clientAt(endpoint: string, options: Partial<ClientOptions> = {}): PubSubClient {
  return createClient({ auth, endpoint, insecure: true, logger: { warn: () => undefined }, ...options });
}

/** What a stream, or a call, ends with. */
function errorOf(client: PubSubClient, call: 'stream' | 'call' = 'stream'): Promise<RxforceError> {
  const source: Observable<unknown> =
    call === 'stream' ? client.changes('Account', { maxAttempts: 1 }) : client.topic('Account');
  return new Promise((error, reject) => {
    source.subscribe({ error, next: () => reject(new Error('Something came.')) });
  });
}

async function withHttp2(answer: (stream: ServerHttp2Stream) => void, test: (server: Http2Server) => Promise<void>) {
  const server = await startHttp2Server(answer);
  try {
    await test(server);
  } finally {
    await server.stop();
  }
}

const html = (status: number) => (stream: ServerHttp2Stream) => {
  stream.respond({ ':status': status, 'content-type': 'text/html' });
  stream.end('<html>blocked</html>');
};

describe('What answers in place of the service', () => {
  const answers: readonly (readonly [what: string, answer: (stream: ServerHttp2Stream) => void, named: RegExp])[] = [
    ...[301, 400, 401, 403, 404, 407, 429, 500, 502, 503].map(
      (status) => [`HTTP ${status}`, html(status), new RegExp(`plain HTTP ${status}, which`)] as const,
    ),
    ['HTTP 403 and nothing', (stream) => stream.respond({ ':status': 403 }, { endStream: true }), /plain HTTP 403/],
    ['a web page', html(200), /plain HTTP, with content-type text\/html/],
    [
      'JSON',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/json' });
        stream.end('{"error":"unauthorized"}');
      },
      /with content-type application\/json/,
    ],
    [
      'a page of no type',
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.end('<html>portal</html>');
      },
      /with content-type none/,
    ],
    [
      'a page that does not end',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'text/html' });
        stream.write('<');
      },
      /with content-type text\/html/,
    ],
  ];
  for (const [what, answer, named] of answers) {
    it(`is a connection failure that may pass, and named, when it is ${what}`, () =>
      withHttp2(answer, async ({ endpoint }) => {
        const client = clientAt(endpoint);
        for (const call of ['stream', 'call'] as const) {
          const error = await errorOf(client, call);
          expect(error, call).to.include({ name: 'ConnectionError', retriable: true });
          expect(error.message)
            .to.match(named)
            .and.match(/gateway.*proxy/);
        }
        client.close();
      }));
  }

  for (const status of [401, 403]) {
    it(`does not end a subscription, nor log in anew, when it answers with HTTP ${status} for a while`, async () => {
      let logins = 0;
      const send =
        (name: string) =>
        (call: { on: (event: string, listener: () => void) => void; write: (message: object) => void }) =>
          call.on('data', () => call.write({ events: [wireEvent(name)], latestReplayId: Buffer.from(name) }));
      const first = await startRawServer(send('one'));
      const port = Number(first.endpoint.split(':')[1]);
      const client = createClient({
        auth: { open: () => Promise.resolve({ ...SESSION, accessToken: `00D!${++logins}` }) },
        endpoint: first.endpoint,
        insecure: true,
        schemaIds: 'trust',
        logger: { warn: () => undefined },
      });
      const names = new ReplaySubject<unknown>(Infinity);
      client
        .changes('Thing__c')
        .subscribe({ next: ({ data }) => names.next(data.Name), error: (error: unknown) => names.error(error) });
      const seen = names.pipe(scan((all: unknown[], name) => [...all, name], []));
      const failedTimes = (count: number) =>
        firstValueFrom(client.status$.pipe(filter((each) => each.type === 'waiting' && each.attempt >= count)));
      await firstValueFrom(seen);
      const broken = failedTimes(1);
      first.stop();
      await broken;
      const gateway = await startHttp2Server(html(status), port);
      await Promise.race([failedTimes(4), firstValueFrom(seen.pipe(filter((all) => all.length === 2)))]);
      await gateway.stop();
      const second = await startRawServer(send('two'), undefined, port);
      const all = await firstValueFrom(seen.pipe(filter(({ length }) => length === 2)));
      expect([all, logins]).to.deep.equal([['one', 'two'], 1]);
      client.close();
      second.stop();
    }).timeout(30_000);
  }
});

describe('A stream that breaks without a word', () => {
  const breaks: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
    'ends without trailers': (stream) => {
      respondGrpc(stream);
      stream.end();
    },
    'ends within a message': (stream) => {
      respondGrpc(stream);
      stream.end(messageHead(1_000));
    },
    'is answered by a head alone': (stream) =>
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { endStream: true }),
    ...Object.fromEntries(
      [0, 2, 8, 11, 12].map((code) => [
        `is reset with code ${code}`,
        (stream: ServerHttp2Stream) => {
          respondGrpc(stream);
          stream.write(messageHead(0), () => stream.close(code));
        },
      ]),
    ),
    'has its connection cut': (stream) => {
      respondGrpc(stream);
      stream.write(messageHead(0), () => stream.session!.destroy());
    },
  };
  for (const [what, answer] of Object.entries(breaks)) {
    it(`is a connection failure at once, when it ${what}`, () =>
      withHttp2(answer, async ({ endpoint }) => {
        const client = clientAt(endpoint);
        expect(await errorOf(client)).to.include({ code: 'connection' });
        client.close();
      }));
  }
});

describe('A message that is too long', () => {
  const tooLong = async (client: PubSubClient) => {
    const error = await errorOf(client);
    expect(error).to.include({ name: 'ConfigurationError', retriable: false });
    expect(error.message).to.include('grpc.max_receive_message_length');
    client.close();
  };

  it('is refused by its head, from 128 MiB on, and not waited for', () =>
    withHttp2(
      (stream) => {
        respondGrpc(stream);
        stream.write(messageHead(128 * 1024 * 1024 + 1));
      },
      ({ endpoint }) => tooLong(clientAt(endpoint)),
    ));

  it('is refused while it is unpacked', () => {
    const packed = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    return withHttp2(
      (stream) => {
        respondGrpc(stream, { 'grpc-encoding': 'gzip' });
        stream.write(messageHead(packed.length, true));
        stream.write(packed);
      },
      async ({ endpoint }) => {
        const before = process.memoryUsage().arrayBuffers;
        await tooLong(clientAt(endpoint, { channelOptions: { 'grpc.max_receive_message_length': 1024 * 1024 } }));
        expect(process.memoryUsage().arrayBuffers - before).to.be.below(32 * 1024 * 1024);
      },
    );
  });
});

describe('A connection', () => {
  it('is told once it is there, before anything comes on a quiet topic', async () => {
    const server = await startRawServer(() => undefined);
    const client = clientAt(server.endpoint);
    const seen: string[] = [];
    const connected = firstValueFrom(client.status$.pipe(filter(({ type }) => type === 'connected')));
    client.status$.subscribe(({ type }) => seen.push(type));
    client.changes('Account').subscribe();
    client.managed('Some_Subscription').subscribe({ error: () => undefined });
    expect(await connected).to.include({ topic: '/data/AccountChangeEvent', subscription: 1 });
    expect(seen).to.not.include('live');
    client.close();
    server.stop();
  });

  it('is told of each stream, also where it was there before', async () => {
    const server = await startRawServer((call) => call.on('data', () => call.end()));
    const client = clientAt(server.endpoint);
    const seen: string[] = [];
    client.status$.subscribe(({ type }) => seen.push(type));
    await new Promise<void>((resolve) => {
      client.changes('Account', { maxAttempts: 2 }).subscribe({ error: () => resolve() });
    });
    expect(seen.filter((type) => ['connecting', 'connected'].includes(type))).to.deep.equal([
      'connecting',
      'connected',
      'connecting',
      'connected',
    ]);
    client.close();
    server.stop();
  });

  /** Takes connections and says nothing. */
  async function withSilence(test: (endpoint: string) => Promise<void>): Promise<void> {
    const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await test(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.close();
  }

  for (const [what, options] of Object.entries({ TLS: { insecure: false }, plaintext: {} })) {
    it(`that does not come about is told after silenceTimeoutMs, with the port to try, when it is to be ${what}`, () =>
      withSilence(async (endpoint) => {
        const client = clientAt(endpoint, options);
        const told = firstValueFrom(client.status$.pipe(filter((each) => each.type === 'waiting')));
        client.changes('Account', { silenceTimeoutMs: 50 }).subscribe();
        const { cause } = (await told) as { cause?: RxforceError };
        expect(cause).to.include({ name: 'ConnectionError', retriable: true, neverSent: true });
        expect(cause!.message)
          .to.match(/No connection to 127.*firewall.*port 443.*HTTPS_PROXY/)
          .and.not.include('keepalive');
        client.close();
      }));
  }

  it('that has come about, and gives a call no answer, is said to be waited for', () =>
    withHttp2(
      () => undefined,
      async ({ endpoint }) => {
        const warnings: string[] = [];
        const settings = { endpoint, tls: undefined, channelOptions: {}, quietMs: 50, connectTimeoutMs: 25_000 };
        const transport = grpcTransport(settings, sharedSession(auth), (message) => warnings.push(message));
        const waiting = transport.topic('/data/X').subscribe();
        await until(() => Promise.resolve(warnings.length > 0));
        expect([waiting.closed, warnings]).to.deep.equal([
          false,
          [`No answer yet from ${endpoint}, after 0.05 s. It is waited for.`],
        ]);
        waiting.unsubscribe();
        transport.close();
      },
    ));

  it('is said to be waited for, before that is over', () =>
    withSilence(async (endpoint) => {
      const warnings: string[] = [];
      const transport = grpcTransport(
        { endpoint, tls: undefined, channelOptions: {}, quietMs: 50 },
        sharedSession(auth),
        (message) => warnings.push(message),
      );
      const stream = transport.subscribe({ topic: '/data/X', from: 'latest' }, of(1), NEVER);
      for (const call of [stream, transport.topic('/data/X')]) {
        const waiting = (call as Observable<unknown>).subscribe();
        await until(() => Promise.resolve(warnings.length > 0));
        expect(waiting.closed).to.equal(false);
        expect(warnings.splice(0)).to.deep.equal([`No answer yet from ${endpoint}, after 0.05 s. It is waited for.`]);
        waiting.unsubscribe();
      }
      transport.close();
    }));

  it('is waited for no longer than a time of its own, by streams and by calls', () =>
    withSilence(async (endpoint) => {
      const transport = grpcTransport(
        { endpoint, tls: undefined, channelOptions: {}, connectTimeoutMs: 50 },
        sharedSession(auth),
      );
      const stream = transport.subscribe({ topic: '/data/X', from: 'latest' }, of(1), NEVER);
      const calls: Observable<unknown>[] = [stream, transport.schema(THING.id), transport.topic('/data/X')];
      for (const call of calls) {
        const error = await new Promise((resolve) => void call.subscribe({ error: resolve }));
        expect(error).to.include({ code: 'connection', neverSent: true });
        expect((error as Error).message).to.match(/^No connection to 127.* came about within [\d.]+ s/);
      }
      transport.close();
    }));
});

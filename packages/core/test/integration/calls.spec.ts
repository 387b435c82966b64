import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { catchError, firstValueFrom, merge, NEVER, of, Subject, throwError, toArray, type Observable } from 'rxjs';
import { sharedSession } from '../../src/login/shared-session.js';
import { grpcTransport } from '../../src/grpc/transport.js';
import type { RxforceError } from '../../src/model/errors.js';
import type { Transport } from '../../src/ports/transport.js';
import type { FetchResponse } from '../../src/ports/wire.js';
import { wireEvent } from '../support/fake-service.js';
import { startRawServer, wireError, type RawCall, type RawServer } from '../support/raw-server.js';

const SESSION = { accessToken: '00D!x', instanceUrl: 'https://x.example', organizationId: '00D' };
const START = { topic: '/data/ThingChangeEvent', from: 'latest' } as const;

/** What the Observable did, up to its end. */
function outcome<T>(source: Observable<T>): Promise<unknown[]> {
  return firstValueFrom(
    source.pipe(
      catchError((error: unknown) => of(error)),
      toArray(),
    ),
  );
}

const sessionOf = (open: () => Promise<typeof SESSION>) => sharedSession({ open });

describe('A call', () => {
  const running: { server?: RawServer; transport?: Transport } = {};

  async function start(onSubscribe: (call: RawCall) => void): Promise<{ server: RawServer; transport: Transport }> {
    const server = await startRawServer(onSubscribe);
    const settings = { endpoint: server.endpoint, tls: undefined, channelOptions: {} };
    const transport = grpcTransport(
      settings,
      sessionOf(() => Promise.resolve(SESSION)),
    );
    Object.assign(running, { server, transport });
    return { server, transport };
  }

  afterEach(() => {
    running.transport?.close();
    running.server?.stop();
  });

  it('carries the session, and says where to start in its first request only', async () => {
    const requests: unknown[] = [];
    const { transport } = await start((call) => {
      expect(call.metadata.getMap()).to.include({
        accesstoken: '00D!x',
        instanceurl: 'https://x.example',
        tenantid: '00D',
      });
      call.on('data', (request: object) => requests.push({ ...request }));
      call.on('end', () => call.end());
    });
    await outcome(transport.subscribe({ ...START, from: 'earliest' }, of(5, 7), NEVER));
    expect(requests).to.deep.equal([
      { topicName: START.topic, replayPreset: 1, replayId: Buffer.alloc(0), numRequested: 5, authRefresh: '' },
      { topicName: START.topic, replayPreset: 0, replayId: Buffer.alloc(0), numRequested: 7, authRefresh: '' },
    ]);
  });

  it('completes, when the requests did and the server ended', async () => {
    const { transport } = await start((call) => {
      call.on('data', () => call.write({ events: [wireEvent('a')], pendingNumRequested: 4 }));
      call.on('end', () => call.end());
    });
    const [response] = (await outcome(transport.subscribe(START, of(5), NEVER))) as [FetchResponse];
    expect(response.events[0]?.id).to.equal('a');
    expect(response.pendingNumRequested).to.equal(4);
  });

  it('errors so that it is tried again, when a message is not as the contract says', async () => {
    const server = await startRawServer((call) => call.on('data', () => call.write(Buffer.from([0x0a, 0x05, 0x00]))));
    const session = sessionOf(() => Promise.resolve(SESSION));
    const transport = grpcTransport({ endpoint: server.endpoint, tls: undefined, channelOptions: {} }, session);
    Object.assign(running, { server, transport });
    const [error] = await outcome(transport.subscribe(START, of(5), NEVER));
    expect(error).to.include({ code: 'service', retriable: true });
    expect((error as Error).message).to.include('a field goes on after the end of its message');
  });

  it('gives every message, when the server ends right behind many', async () => {
    const { transport } = await start((call) => {
      call.on('data', () => {
        for (let index = 0; index < 500; index++) call.write({ rpcId: String(index) });
        call.end();
      });
    });
    expect(await outcome(transport.subscribe(START, merge(of(5), NEVER), NEVER))).to.have.length(500);
  });

  it('gives the messages that came before an error, then the error', async () => {
    const { transport } = await start((call) => {
      call.on('data', () => {
        call.write({ rpcId: '1' }, () =>
          call.write({ rpcId: '2' }, () => setImmediate(() => call.emit('error', wireError(13, 'broke')))),
        );
      });
    });
    const seen = (await outcome(transport.subscribe(START, merge(of(5), NEVER), NEVER))) as { rpcId?: string }[];
    expect(seen.slice(0, -1).map(({ rpcId }) => rpcId)).to.deep.equal(['1', '2']);
    expect(seen.at(-1)).to.include({ code: 'service', grpcStatus: 13 });
  });

  it('reads the trailers of an error', async () => {
    const trailers = { 'error-code': 'sfdc.platform.eventbus.grpc.service.auth.error', 'rpc-id': 'r1' };
    const { transport } = await start((call) => call.emit('error', wireError(16, 'no', trailers)));
    const [error] = await outcome(transport.subscribe(START, NEVER, NEVER));
    expect(error).to.include({ code: 'authentication', rpcId: 'r1', serviceCode: trailers['error-code'] });
  });

  it('is cancelled on the server, when unsubscribed, and emits nothing more', async () => {
    const { server, transport } = await start((call) => {
      call.on('data', () => Array.from({ length: 50 }, (_, index) => call.write({ rpcId: String(index) })));
    });
    const received: string[] = [];
    await new Promise<void>((resolve) => {
      const subscription = transport.subscribe(START, merge(of(5), NEVER), NEVER).subscribe(({ rpcId }) => {
        received.push(rpcId);
        subscription.unsubscribe();
        resolve();
      });
    });
    await emptied(server);
    expect(received).to.deep.equal(['0']);
  });

  it('is cancelled and errors, when the requests error', async () => {
    const { server, transport } = await start(() => undefined);
    const failure = new Error('no demand');
    expect(
      await outcome(
        transport.subscribe(
          START,
          throwError(() => failure),
          NEVER,
        ),
      ),
    ).to.deep.equal([failure]);
    await emptied(server);
  });

  it('errors, when the session cannot be had, and makes no call', async () => {
    const login = new Error('login');
    const { server } = await start(() => expect.fail('called'));
    const settings = { endpoint: server.endpoint, tls: undefined, channelOptions: {} };
    const transport = grpcTransport(
      settings,
      sessionOf(() => Promise.reject(login)),
    );
    for (const call of [transport.subscribe(START, of(1), NEVER), transport.topic('/data/X'), transport.schema('x')]) {
      expect(await outcome<unknown>(call)).to.deep.equal([login]);
    }
    transport.close();
  });

  it('logs in anew after a refused session, once for all calls that it was refused to', async () => {
    let logins = 0;
    const server = await startRawServer((call) => {
      const fresh = call.metadata.get('accesstoken')[0] === 'token 2';
      if (fresh) call.end();
      else call.emit('error', wireError(16, 'expired'));
    });
    const session = sharedSession({ open: () => Promise.resolve({ ...SESSION, accessToken: `token ${++logins}` }) });
    const transport = grpcTransport({ endpoint: server.endpoint, tls: undefined, channelOptions: {} }, session);
    Object.assign(running, { server, transport });
    const calls = [0, 1, 2].map(() => outcome(transport.subscribe(START, NEVER, NEVER)));
    expect((await Promise.all(calls)).map(([error]) => (error as RxforceError).code)).to.deep.equal(
      Array.from({ length: 3 }, () => 'authentication'),
    );
    expect(await outcome(transport.subscribe(START, NEVER, NEVER))).to.deep.equal([]);
    expect(logins).to.equal(2);
  });

  it('is made once more, at once and with another session, when it changes nothing and its session was refused', async () => {
    const tokens: unknown[] = [];
    const server = await startRawServer(
      (call) => call.end(),
      ({ metadata, request }, callback) => {
        tokens.push(metadata.get('accesstoken')[0]);
        if (tokens.length === 2) callback(null, { schemaId: request.schemaId, schemaJson: '"int"' });
        else callback(wireError(16, 'expired'));
      },
    );
    let logins = 0;
    const session = sharedSession({ open: () => Promise.resolve({ ...SESSION, accessToken: `token ${++logins}` }) });
    const transport = grpcTransport({ endpoint: server.endpoint, tls: undefined, channelOptions: {} }, session);
    Object.assign(running, { server, transport });
    expect(await outcome(transport.schema('s'))).to.have.length(1);
    expect(tokens).to.deep.equal(['token 1', 'token 2']);
    // Not a third time: whether to go on is its caller's to decide.
    const [error] = await outcome(transport.schema('s'));
    expect(error).to.include({ code: 'authentication' });
    expect(tokens).to.have.length(4);
  });

  it('refuses a token that cannot be sent, without showing it', async () => {
    const { server } = await start(() => expect.fail('called'));
    const session = sessionOf(() => Promise.resolve({ ...SESSION, accessToken: 'secret\n' }));
    const transport = grpcTransport({ endpoint: server.endpoint, tls: undefined, channelOptions: {} }, session);
    const [error] = (await outcome(transport.subscribe(START, of(1), NEVER))) as [RxforceError];
    expect(error).to.include({ code: 'authentication' });
    expect(error.message).to.include('line break').and.not.include('secret');
    transport.close();
  });

  it('leaves nothing behind, after many are subscribed to and unsubscribed at every stage', async () => {
    const { server, transport } = await start((call) => call.on('data', () => call.write({ rpcId: 'x' })));
    const demand = new Subject<number>();
    for (let round = 0; round < 200; round++) {
      const subscription = transport.subscribe(START, merge(of(1), demand), NEVER).subscribe();
      if (round % 3 === 0) subscription.unsubscribe();
      else if (round % 3 === 1) setImmediate(() => subscription.unsubscribe());
      else {
        await new Promise<void>((resolve) =>
          subscription.add(
            transport.subscribe(START, of(1), NEVER).subscribe(() => {
              subscription.unsubscribe();
              resolve();
            }),
          ),
        );
      }
    }
    await emptied(server);
    expect(demand.observed).to.equal(false);
  });

  it('names what is wrong, when nothing listens, or something else does', async () => {
    const other = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n', () => socket.destroy());
    }).listen(0);
    await once(other, 'listening');
    const port = (other.address() as AddressInfo).port;
    const attempt = async (endpoint: string, tls: object | undefined) => {
      const transport = grpcTransport(
        { endpoint, tls, channelOptions: {} },
        sessionOf(() => Promise.resolve(SESSION)),
      );
      const [error] = (await outcome(transport.topic('/data/X'))) as [RxforceError];
      transport.close();
      return error;
    };
    expect(await attempt(`localhost:${port}`, undefined)).to.include({ code: 'connection' });
    expect(await attempt(`localhost:${port}`, {})).to.include({ code: 'connection' });
    other.close();
    await once(other, 'close');
    const refused = await attempt(`localhost:${port}`, undefined);
    expect(refused).to.include({ code: 'connection', retriable: true });
    expect(refused.message).to.include('Nothing answers');
  });
});

/** Waits until the server has no call open. */
async function emptied(server: RawServer): Promise<void> {
  while (server.open.size > 0) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import type { ChannelOptions } from '@grpc/grpc-js';
import { expect } from 'chai';
import { firstValueFrom, take, timeout } from 'rxjs';
import { clientCredentials, type RxforceError } from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { jwtBearer } from '../../src/auth/jwt-bearer.js';
import { clientOf, loginOf, withHttps } from '../support/emulated.js';

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

/** A proxy that makes tunnels, as those of companies do. */
interface TunnelProxy {
  readonly port: number;
  /** Where tunnels were asked to go, in order. */
  readonly targets: string[];
}

describe('By a proxy that the environment names', () => {
  for (const name of ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']) {
    it(`a client logs in and receives events, when ${name} names it`, () =>
      withProxy({ authorization: 'ann:p@ss' }, (proxy) =>
        withEnvironment({ [name]: `http://ann:p%40ss@localhost:${proxy.port}` }, () =>
          withHttps(async (emulator) => {
            await receives(emulator);
            expect(proxy.targets).to.deep.equal([new URL(emulator.httpUrl).host, emulator.grpcEndpoint]);
          }),
        ),
      ));
  }

  for (const name of ['no_proxy', 'NO_PROXY']) {
    for (const [proxies, list] of [
      ['https_proxy', 'acme.example, localhost'],
      ['HTTPS_PROXY', '.localhost'],
      ['HTTPS_PROXY', '*'],
    ] as const) {
      it(`a client goes straight, when ${proxies} names it and ${name} is "${list}"`, () =>
        withProxy({}, (proxy) =>
          withEnvironment({ [proxies]: `http://localhost:${proxy.port}`, [name]: list }, () =>
            withHttps(async (emulator) => {
              await receives(emulator);
              expect(proxy.targets).to.deep.equal([]);
            }),
          ),
        ));
    }
  }

  it('only streams go straight, when a channel option says so', () =>
    withProxy({}, (proxy) =>
      withEnvironment({ HTTPS_PROXY: `http://localhost:${proxy.port}` }, () =>
        withHttps(async (emulator) => {
          await receives(emulator, { 'grpc.enable_http_proxy': 0 });
          expect(proxy.targets).to.deep.equal([new URL(emulator.httpUrl).host]);
        }),
      ),
    ));

  it('logs in with its user name and password, when HTTPS_PROXY has them', () =>
    withProxy({ authorization: 'ann:p@ss' }, (proxy) =>
      withEnvironment({ HTTPS_PROXY: `http://ann:p%40ss@localhost:${proxy.port}` }, () =>
        withHttps(async (emulator) => {
          expect(await clientCredentials(loginOf(emulator)).open()).to.include({ instanceUrl: emulator.httpUrl });
          expect(proxy.targets).to.have.length(1);
        }),
      ),
    ));

  it('goes straight, when NO_PROXY lists the host', () =>
    withProxy({}, (proxy) =>
      withEnvironment({ HTTPS_PROXY: `http://localhost:${proxy.port}`, NO_PROXY: 'localhost' }, () =>
        withHttps(async (emulator) => {
          await clientCredentials(loginOf(emulator)).open();
          expect(proxy.targets).to.deep.equal([]);
        }),
      ),
    ));

  it('says that the proxy did not let it through, and no password', () =>
    withProxy({ authorization: 'ann:p@ss' }, (proxy) =>
      withEnvironment({ HTTPS_PROXY: `http://ann:wr0ng@localhost:${proxy.port}` }, () =>
        withHttps(async (emulator) => {
          const error = await errorOf(emulator);
          expect(error).to.include({ code: 'connection', retriable: false });
          expect(error.message).to.match(new RegExp(`407.*HTTPS_PROXY.*the proxy localhost:${proxy.port} `));
          expect(inspect(error, { depth: Infinity, showHidden: true })).to.not.match(/wr0ng|YW5u/);
        }),
      ),
    ));

  it('waits no longer than it is told, when the proxy does not answer', () =>
    withProxy({ silent: true }, (proxy) =>
      withEnvironment({ HTTPS_PROXY: `http://localhost:${proxy.port}` }, () =>
        withHttps(async (emulator) => {
          const error = await errorOf(emulator, { timeoutMs: 50 });
          expect(error).to.include({ code: 'connection', retriable: true });
          expect(error.message).to.include('within 50 ms').and.include(`names the proxy localhost:${proxy.port} `);
        }),
      ),
    ));

  it('says by which proxy it went, when nobody listens there', () =>
    withEnvironment({ HTTPS_PROXY: 'http://localhost:1' }, () =>
      withHttps(async (emulator) => {
        const error = await errorOf(emulator);
        expect(error).to.include({ code: 'connection', retriable: true });
        expect(error.message).to.include('names the proxy localhost:1 ');
      }),
    ));

  it('names the variable without its value, when that is no URL', () =>
    withEnvironment({ HTTPS_PROXY: 'ann:s3cret@proxy' }, () =>
      withHttps(async (emulator) => {
        const error = await errorOf(emulator);
        expect(error).to.include({ code: 'configuration' });
        expect(error.message).to.include('HTTPS_PROXY').and.not.include('s3cret');
      }),
    ));
});

/** Logs in, and waits for the first change. */
async function receives(emulator: Emulator, channelOptions: ChannelOptions = {}): Promise<void> {
  const client = clientOf(emulator, { auth: jwtBearer(loginOf(emulator)), channelOptions });
  emulator.org.create('Account', { Name: 'through a tunnel' });
  const event = client.changes('Account', { replay: 'earliest' }).pipe(take(1), timeout(20_000));
  expect((await firstValueFrom(event)).data.Name).to.equal('through a tunnel');
  client.close();
}

async function withProxy(
  { authorization, silent = false }: { readonly authorization?: string; readonly silent?: boolean },
  test: (proxy: TunnelProxy) => Promise<void>,
): Promise<void> {
  const targets: string[] = [];
  const expected = authorization && `Basic ${Buffer.from(authorization).toString('base64')}`;
  const server = createServer();
  server.on('connect', ({ url = '', headers }, socket) => {
    socket.on('error', () => undefined);
    if (silent) return;
    if (expected !== undefined && headers['proxy-authorization'] !== expected) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    targets.push(url);
    const { hostname: host, port } = new URL(`http://${url}`);
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  try {
    await test({ port: (server.address() as AddressInfo).port, targets });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Sets variables for the time of a test; those about proxies that it does not name are unset. */
async function withEnvironment(variables: Record<string, string>, test: () => Promise<void>): Promise<void> {
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);
  VARIABLES.forEach((name) => Reflect.deleteProperty(process.env, name));
  Object.assign(process.env, variables);
  try {
    await test();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}

async function errorOf(emulator: Emulator, options: object = {}): Promise<RxforceError> {
  try {
    await clientCredentials({ ...loginOf(emulator), ...options }).open();
  } catch (error) {
    return error as RxforceError;
  }
  throw new Error('It was not refused.');
}

import { inspect } from 'node:util';
import { expect } from 'chai';
import { firstValueFrom, take, timeout } from 'rxjs';
import {
  clientCredentials,
  createClient,
  type ClientOptions,
  type LoginOptions,
  type PubSubClient,
  type RxforceError,
} from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { jwtBearer } from '../../src/login/jwt-bearer.js';
import { refreshToken } from '../../src/login/refresh-token.js';
import { usernamePassword } from '../../src/login/username-password.js';
import { clientOf, loginOf, withHttps } from '../support/emulated.js';
import { withEnvironment, withProxy } from '../support/tunnel-proxy.js';

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
          await receives(emulator, { channelOptions: { 'grpc.enable_http_proxy': 0 } });
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

describe('By the option proxy', () => {
  it('a client logs in and receives events, whatever the environment says', () =>
    withProxy({ authorization: 'ann:100%sure' }, (proxy) =>
      withEnvironment({ HTTPS_PROXY: 'http://localhost:1', NO_PROXY: '*' }, () =>
        withHttps(async (emulator) => {
          await receives(emulator, { proxy: `http://ann:100%sure@localhost:${proxy.port}` });
          expect(proxy.targets).to.deep.equal([new URL(emulator.httpUrl).host, emulator.grpcEndpoint]);
        }),
      ),
    ));

  it('a client goes straight, when it is false, whatever the environment says', () =>
    withEnvironment({ HTTPS_PROXY: 'socks5://localhost:1' }, () =>
      withHttps((emulator) => receives(emulator, { proxy: false })),
    ));

  it('a login goes its own way, when it has the option itself', () =>
    withProxy({}, (proxy) =>
      withEnvironment({}, () =>
        withHttps(async (emulator) => {
          const url = `http://localhost:${proxy.port}`;
          await receives(emulator, { proxy: url }, { proxy: false });
          expect(proxy.targets).to.deep.equal([emulator.grpcEndpoint]);
          await receives(emulator, { proxy: false }, { proxy: url });
          expect(proxy.targets.slice(1)).to.deep.equal([new URL(emulator.httpUrl).host]);
        }),
      ),
    ));

  for (const [what, loginBy] of Object.entries({ refreshToken, usernamePassword, clientCredentials })) {
    it(`${what} goes the way of the client that logs in`, () =>
      withProxy({}, (proxy) =>
        withEnvironment({}, () =>
          withHttps(async (emulator) => {
            const login = loginBy({ ...loginOf(emulator), refreshToken: 'none' });
            // An emulator has given no such refresh token: it answers all the same.
            await login.open({ proxy: `http://localhost:${proxy.port}` }).catch(() => undefined);
            expect(proxy.targets).to.deep.equal([new URL(emulator.httpUrl).host]);
          }),
        ),
      ));
  }

  it('is refused at the call, when streams cannot go by it', () => {
    const { auth } = { auth: clientCredentials({ loginUrl: 'https://x.example', clientId: 'a', clientSecret: 'b' }) };
    for (const proxy of ['https://ann:s3cret@proxy.example', 'socks5://ann:s3cret@proxy.example:1080']) {
      expect(() => createClient({ auth, proxy }))
        .to.throw(/https:\/\/|SOCKS/)
        .and.include({ code: 'configuration' })
        .with.property('message')
        .not.include('s3cret');
    }
  });
});

describe('A stream by a proxy that the environment names', () => {
  for (const [name, value, list] of [
    ['https_proxy', 'http://', 'internal.example,'],
    ['HTTPS_PROXY', 'http://', 'host'],
    ['ALL_PROXY', 'http://', '[::1]'],
    ['grpc_proxy', '', '127.0.0.2/32'],
  ] as const) {
    it(`goes by it, when ${name} names it and no_proxy is "${list}"`, () =>
      withProxy({}, (proxy) =>
        withEnvironment({ [name]: `${value}localhost:${proxy.port}`, no_proxy: list }, () =>
          withHttps(async (emulator) => {
            await receives(emulator);
            expect(proxy.targets).to.include(emulator.grpcEndpoint);
          }),
        ),
      ));
  }

  for (const [value, advice] of [
    ['https://ann:s3cret@localhost:1', /localhost:1 \(the environment variable grpc_proxy\).*in plain HTTP/],
    ['socks5://ann:s3cret@localhost:1', /grpc_proxy names is a SOCKS proxy/],
    ['ann:s3cret@localhost:1', /grpc_proxy holds is not the URL/],
  ] as const) {
    it(`errors before it logs in, when grpc_proxy is ${value}`, () =>
      withEnvironment({ grpc_proxy: value }, async () => {
        const auth = { open: () => Promise.reject(new Error('a login')) };
        const client = createClient({ auth, endpoint: 'localhost:1' });
        const error = await streamErrorOf(client);
        expect(error).to.include({ name: 'ConfigurationError' });
        expect(error.message).to.match(advice).and.not.include('s3cret');
        client.close();
      }));
  }

  it('says that the proxy made no tunnel, and no password', () =>
    withProxy({ authorization: 'ann:p4ss' }, (proxy) =>
      withEnvironment({ grpc_proxy: `http://ann:wr0ng@localhost:${proxy.port}` }, () =>
        withHttps(async (emulator) => {
          const client = clientOf(emulator, { auth: clientCredentials(loginOf(emulator)) });
          const error = await streamErrorOf(client);
          expect(error).to.include({ code: 'connection', retriable: true });
          expect(error.message).to.include(
            `the proxy localhost:${proxy.port} (the environment variable grpc_proxy) made no`,
          );
          expect(inspect(error, { depth: Infinity, showHidden: true })).to.not.match(/wr0ng|YW5u/);
          client.close();
        }),
      ),
    ));
});

/** What a subscription ends with at once. */
async function streamErrorOf(client: PubSubClient): Promise<RxforceError> {
  return new Promise((error, reject) => {
    client
      .changes('Account', { maxAttempts: 1 })
      .subscribe({ error, complete: () => reject(new Error('It completed.')) });
  });
}

/** Logs in, and waits for the first change. */
async function receives(
  emulator: Emulator,
  options: Partial<ClientOptions> = {},
  login: Pick<LoginOptions, 'proxy'> = {},
): Promise<void> {
  const client = clientOf(emulator, { auth: jwtBearer({ ...loginOf(emulator), ...login }), ...options });
  emulator.org.create('Account', { Name: 'through a tunnel' });
  const event = client.changes('Account', { replay: 'earliest' }).pipe(take(1), timeout(20_000));
  expect((await firstValueFrom(event)).data.Name).to.equal('through a tunnel');
  client.close();
}

async function errorOf(emulator: Emulator, options: object = {}): Promise<RxforceError> {
  try {
    await clientCredentials({ ...loginOf(emulator), ...options }).open();
  } catch (error) {
    return error as RxforceError;
  }
  throw new Error('It was not refused.');
}

import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { clientCredentials } from '@rxforce/core';
import { jwtBearer } from '../../src/login/jwt-bearer.js';
import { json, withLoginServer } from '../support/login-server.js';
import { loginOf, withHttps } from '../support/emulated.js';
import { errorAt, errorOf, LOGINS } from '../support/failing-logins.js';

describe('A login that gets no answer of use', () => {
  const answers: readonly (readonly [string, RequestListener, boolean, RegExp])[] = [
    [
      'a page',
      (_request, response) => response.end('<html>Log in</html>'),
      false,
      /HTTP 200 and no \w+ response: .*loginUrl/,
    ],
    ['a page that is missing', (_request, response) => response.writeHead(404).end('<html>'), false, /HTTP 404/],
    [
      'a redirection',
      (_request, response) => response.writeHead(302, { location: 'https://elsewhere.example' }).end(),
      false,
      /HTTP 302/,
    ],
    ['an outage', (_request, response) => response.writeHead(503).end('<html>'), true, /HTTP 503.*for now/],
    [
      'a request for fewer',
      json({ error: 'invalid_grant', error_description: 'slower' }, 429),
      true,
      /HTTP 429.*for now/,
    ],
    [
      'an answer without an end',
      (_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      },
      false,
      /ANSWER_TOO_LONG.*was cut/,
    ],
    [
      'a short answer that unpacks to a long one, which is left as it is',
      (_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
      },
      false,
      /HTTP 200 and no \w+ response/,
    ],
    [
      'half an answer',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{');
        setImmediate(() => response.destroy());
      },
      true,
      /cannot be reached/,
    ],
  ];
  for (const name of ['jwtBearer', 'usernamePassword'] as const) {
    for (const [what, onRequest, retriable, message] of answers) {
      it(`is a ConnectionError, when ${name} gets ${what}`, async () => {
        const error = await errorAt(name, onRequest);
        expect(error).to.include({ name: 'ConnectionError', code: 'connection', retriable });
        expect(error.message).to.match(message).and.not.include('elsewhere');
      });
    }
  }

  const unreachable: readonly (readonly [string, string, RegExp])[] = [
    ['nobody listens', 'http://localhost:1', /refused/],
    ['the host is unknown', 'https://acme.invalid', /no host of that name/],
  ];
  for (const [what, loginUrl, message] of unreachable) {
    it(`is retriable and says why, when ${what}`, async () => {
      const error = await errorOf(LOGINS.jwtBearer(loginUrl));
      expect(error).to.include({ code: 'connection', retriable: true });
      expect(error.message).to.match(message);
    });
  }

  it('names the time, when the answer does not come within it', async () => {
    const error = await withLoginServer(
      () => undefined,
      (loginUrl) => errorOf(clientCredentials({ loginUrl, clientId: 'a', clientSecret: 'b', timeoutMs: 50 })),
    );
    expect(error).to.include({ code: 'connection', retriable: true });
    expect(error.message).to.include('within 50 ms');
  });

  it('names the time, when a connection is not made within it', async () => {
    const silent = createServer().listen(0, 'localhost');
    await once(silent, 'listening');
    const loginUrl = `https://localhost:${(silent.address() as AddressInfo).port}`;
    const error = await errorOf(clientCredentials({ loginUrl, clientId: 'a', clientSecret: 'b', timeoutMs: 50 }));
    expect(error).to.include({ code: 'connection', retriable: true });
    expect(error.message).to.include('(TimeoutError)').and.include('within 50 ms');
    silent.close();
  });

  it('names the option ca, when the certificate is of an unknown authority', () =>
    withHttps(async (emulator) => {
      const error = await errorOf(jwtBearer({ ...loginOf(emulator), ca: undefined }));
      expect(error).to.include({ code: 'connection', retriable: false });
      expect(error.message).to.match(/not trusted.*option ca/);
    }));

  it('names the scheme, when what answers does not speak TLS', async () => {
    const error = await withLoginServer(json({}), (loginUrl) =>
      errorOf(LOGINS.jwtBearer(loginUrl.replace('http:', 'https:'))),
    );
    expect(error).to.include({ code: 'connection', retriable: false });
    expect(error.message).to.match(/scheme and port/);
  });

  const lacking: readonly (readonly [string, object])[] = [
    ['access_token', { instance_url: 'https://x' }],
    ['instance_url', { access_token: '00D000000000009!x' }],
    ['instance_url', { access_token: '00D000000000009!x', instance_url: 'acme' }],
  ];
  for (const [field, answer] of lacking) {
    it(`names ${field}, when ${JSON.stringify(answer)} lacks it`, async () => {
      const error = await errorAt('jwtBearer', json(answer));
      expect(error).to.include({ code: 'authentication', reason: 'answer-incomplete', retriable: false });
      expect(error.message).to.include(field).and.not.include('00D000000000009!x');
    });
  }

  it('is refused, when the password has expired', async () => {
    const xml = '<e><result><passwordExpired>true</passwordExpired><sessionId>s</sessionId></result></e>';
    const error = await errorAt('usernamePassword', (_request, response) => response.end(xml));
    expect(error).to.include({ reason: 'user-blocked' });
  });
});

import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { connect } from 'node:net';
import { type Emulator, startEmulator } from '../../src/index.js';
import { errorOf, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

const HOUR_MS = 3_600_000;
const LIMIT = 16_384;

describe('The limit of REST requests a day', () => {
  it('is in every answer, and agrees with the resource of limits', () =>
    withEmulator({ dailyApiRequests: 10 }, async (emulator) => {
      const rest = new RestClient(emulator);
      const paths = ['/sobjects/Nothing/describe', '/jobs/query', '/limits'];
      const answers = [];
      for (const path of paths) answers.push(await rest.request('GET', path));
      expect(answers.map(({ headers }) => headers.get('sforce-limit-info'))).to.deep.equal([
        'api-usage=1/10',
        'api-usage=2/10',
        'api-usage=3/10',
      ]);
      expect(answers[2]!.body).to.deep.equal({ DailyApiRequests: { Max: 10, Remaining: 8 } });
    }));

  it('refuses requests with the words of the service and performs none, when it is used up', () =>
    withEmulator({ dailyApiRequests: 1 }, async (emulator) => {
      const rest = new RestClient(emulator);
      await rest.create('Account', { Name: 'a' });
      const answer = await rest.request('POST', '/sobjects/Account', { Name: 'b' });
      expect(answer.status).to.equal(403);
      expect(answer.body).to.deep.equal([
        { message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' },
      ]);
      expect(answer.headers.get('sforce-limit-info')).to.equal('api-usage=1/1');
      expect(emulator.org.records('Account')).to.have.length(1);
      const nobody = await rest.request('GET', '/limits', undefined, { authorization: 'Bearer x' });
      expect(errorOf(nobody)).to.include({ status: 401, errorCode: 'INVALID_SESSION_ID' });
    }));

  it('forgets requests after 24 hours of the emulator', async () => {
    const clock = { time: Date.UTC(2026, 10, 29, 12, 30) };
    await withEmulator({ dailyApiRequests: 2, now: () => clock.time }, async (emulator) => {
      const rest = new RestClient(emulator);
      const statusOf = async () => (await rest.request('GET', '/limits')).status;
      expect(await statusOf()).to.equal(200);
      clock.time += HOUR_MS;
      expect([await statusOf(), await statusOf()]).to.deep.equal([200, 403]);
      clock.time += 23 * HOUR_MS;
      expect([await statusOf(), await statusOf()]).to.deep.equal([200, 403]);
    });
  });

  it('refuses nothing, unless it is given', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      expect((await rest.request('GET', '/limits')).headers.get('sforce-limit-info')).to.equal('api-usage=1/15000');
      emulator.faults.limitRequests({ remaining: 0 });
      expect((await rest.request('GET', '/limits')).status).to.equal(403);
    }));

  it('is a whole number from 1', async () => {
    for (const dailyApiRequests of [0, 1.5, -1]) {
      const error: unknown = await startEmulator({ dailyApiRequests }).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(ConfigurationError).with.property('message').that.contains('dailyApiRequests');
    }
  });
});

describe('A request with a long head', () => {
  it(`is answered 414, when its URI is longer than ${LIMIT} bytes`, () =>
    withEmulator({}, async (emulator) => {
      expect(await answerTo(emulator, LIMIT + 1)).to.match(/^HTTP\/1\.1 414 URI Too Long\r\n/);
      expect(await answerTo(emulator, LIMIT + 1)).to.contain('<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>');
    }));

  it(`is answered 431, when its URI and headers together are longer than ${LIMIT} bytes`, () =>
    withEmulator({}, async (emulator) => {
      const head = headBytes(emulator);
      expect(await answerTo(emulator, LIMIT - head + 1)).to.match(
        /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/,
      );
      expect(await answerTo(emulator, LIMIT - head)).to.match(/^HTTP\/1\.1 200 OK\r\n/);
    }));

  for (const bytes of [100_000, 3_000_000]) {
    it(`is answered, when its URI has ${bytes} bytes, to a client that only reads after it has sent all`, () =>
      withEmulator({}, async (emulator) => {
        const response = await fetch(`${emulator.httpUrl}${uriOf(bytes)}`, { headers: authorized(emulator) });
        expect([414, 431]).to.include(response.status);
      }));
  }

  it('is answered, when it comes to HTTPS', () =>
    withEmulator({ https: true, tls: true }, async (emulator) => {
      const { request } = await import('node:https');
      const status = await new Promise((resolve, reject) => {
        const options = { ca: emulator.ca, headers: authorized(emulator) };
        request(`${emulator.httpUrl}${uriOf(LIMIT)}`, options, ({ statusCode }) => resolve(statusCode))
          .on('error', reject)
          .end();
      });
      expect(status).to.equal(431);
    }));
});

function uriOf(bytes: number): string {
  return '/services/data/v64.0/limits?x='.padEnd(bytes, 'x');
}

function authorized({ credentials }: Emulator): Record<string, string> {
  return { authorization: `Bearer ${credentials.accessToken}` };
}

function headersOf(emulator: Emulator): string {
  return `Host: localhost\r\nAuthorization: ${authorized(emulator).authorization}\r\nConnection: close\r\n`;
}

/** The bytes that headers take. */
function headBytes(emulator: Emulator): number {
  return headersOf(emulator).length;
}

/** All that a bare connection gets as an answer. */
function answerTo(emulator: Emulator, uriBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(emulator.httpUrl).port), 'localhost');
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
    socket.end(`GET ${uriOf(uriBytes)} HTTP/1.1\r\n${headersOf(emulator)}\r\n`);
  });
}

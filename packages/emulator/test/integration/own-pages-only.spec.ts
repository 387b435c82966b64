import { expect } from 'chai';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Emulator } from '../../src/index.js';
import { withEmulator } from '../support/with-emulator.js';

const PATHS = ['/emulator/faults/logins', '/emulator/define'];

describe('The endpoints without a login', () => {
  const strangers: readonly (readonly [string, (host: string) => Record<string, string>, RegExp])[] = [
    ['a page of another site', () => ({ origin: 'https://evil.example' }), /"https:\/\/evil\.example"/],
    ['a page of another port', () => ({ origin: 'http://localhost:1' }), /"http:\/\/localhost:1"/],
    ['a page of a file or a sandboxed frame', () => ({ origin: 'null' }), /"null"/],
    ['a form of another site', () => ({ origin: 'https://evil.example', 'content-type': 'text/plain' }), /evil/],
    [
      'a page whose name was made to mean this machine',
      (host) => ({ host: host.replace('localhost', 'evil.example') }),
      /"evil\.example:\d+"/,
    ],
    [
      'a page of such a name and of its own origin',
      () => ({ host: 'evil.example', origin: 'http://evil.example' }),
      /"evil\.example"/,
    ],
    ['a name that only begins as this machine’s', () => ({ host: 'localhost.evil.example' }), /"localhost\.evil/],
    ['a name with a user before it', () => ({ host: 'evil.example@localhost' }), /evil\.example@localhost/],
    ['a link or picture of another site', () => ({ 'sec-fetch-site': 'cross-site' }), /another site/],
    ['a page of another port by a link', () => ({ 'sec-fetch-site': 'same-site' }), /another site/],
  ];
  for (const [stranger, headers, message] of strangers) {
    it(`answer 403 and do nothing, when ${stranger} asks`, () =>
      withEmulator({}, async (emulator) => {
        const { host } = new URL(emulator.httpUrl);
        for (const [method, path, body] of [
          ['POST', '/emulator/faults/resetOrg', ''],
          ['POST', '/emulator/define', '{ "objects": { "Thing__c": {} } }'],
          ['GET', '/emulator/faults', ''],
        ] as const) {
          const answer = await send(emulator, method, path, { host, ...headers(host) }, body);
          expect(answer.status).to.equal(403);
          const [error] = JSON.parse(answer.body) as [{ errorCode: string; message: string }];
          expect(error.errorCode).to.equal('FORBIDDEN');
          expect(error.message).to.match(message);
        }
        expect(emulator.org.entities().map(({ name }) => name)).to.not.include('Thing__c');
      }));
  }

  it('answer programs, whatever type they say their JSON has, and by any name of this machine', () =>
    withEmulator({}, async (emulator) => {
      const { host, port } = new URL(emulator.httpUrl);
      for (const headers of [
        { host },
        { host: `127.0.0.1:${port}` },
        { host: `[::1]:${port}` },
        { host: `LOCALHOST:${port}` },
        { host, 'content-type': 'application/json' },
        // What curl says of what it is given by -d.
        { host, 'content-type': 'application/x-www-form-urlencoded' },
        { host, 'sec-fetch-site': 'none' },
        { host, 'sec-fetch-site': 'same-origin', origin: `http://${host}` },
      ]) {
        for (const path of PATHS) {
          expect((await send(emulator, 'POST', path, headers, '{}')).status).to.equal(200);
        }
      }
    }));
});

/** Sends a request with headers that `fetch` would not send. */
async function send(
  { httpUrl }: Emulator,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ status: number; body: string }> {
  const sent = request(`${httpUrl}${path}`, { method, headers });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return { status: response.statusCode!, body: Buffer.concat(chunks).toString() };
}

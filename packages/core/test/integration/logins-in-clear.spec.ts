import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { clientCredentials, staticSession, usernamePassword, type SessionProvider } from '@rxforce/core';
import { makeCertificate, type ServerCertificate } from '../../../emulator/src/net/certificate.js';
import { json } from '../support/login-server.js';

const soap =
  (serverUrl: string): RequestListener =>
  (_request, response) =>
    void response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end(
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><loginResponse><result>' +
          `<serverUrl>${serverUrl}/services/Soap</serverUrl><sessionId>00D!t0ken</sessionId>` +
          '<userInfo><organizationId>00D000000000001</organizationId></userInfo></result></loginResponse></e:Body></e:Envelope>',
      );

describe('An instance URL in clear', () => {
  let certificate: ServerCertificate;
  before(async () => {
    certificate = await makeCertificate();
  });

  /** What a login gives that is made over TLS, and whether anybody was asked at the instance. */
  async function loginOverTls(
    answer: (instance: string) => RequestListener,
    login: (options: { loginUrl: string; ca: string }) => SessionProvider,
  ) {
    const asked: unknown[] = [];
    const instance = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end('{"organization_id":"00D000000000001"}');
    }).listen(0, 'localhost');
    await once(instance, 'listening');
    const { ca, certificate: cert, privateKey: key } = certificate;
    const url = `http://localhost:${(instance.address() as AddressInfo).port}`;
    const server = createTlsServer({ cert, key }, answer(url)).listen(0, 'localhost');
    await once(server, 'listening');
    const loginUrl = `https://localhost:${(server.address() as AddressInfo).port}`;
    const outcome: unknown = await login({ loginUrl, ca })
      .open()
      .catch((error: unknown) => error);
    for (const each of [instance, server]) {
      each.closeAllConnections();
      each.close();
    }
    return { outcome, asked };
  }

  const logins = {
    // Without an org id, so that userinfo would be asked for it, with the token.
    clientCredentials: (options) => clientCredentials({ ...options, clientId: 'a', clientSecret: 'b' }),
    usernamePassword: (options) => usernamePassword({ ...options, username: 'ann', password: 'p4ss' }),
  } satisfies Record<string, (options: { loginUrl: string; ca: string }) => SessionProvider>;
  const answers = {
    clientCredentials: (instance) => json({ access_token: 't0ken', instance_url: instance, token_type: 'Bearer' }),
    usernamePassword: soap,
  } satisfies Record<keyof typeof logins, (instance: string) => RequestListener>;

  for (const name of ['clientCredentials', 'usernamePassword'] as const) {
    it(`is refused after a login over TLS by ${name}, before the token is sent`, async () => {
      const { outcome, asked } = await loginOverTls(answers[name], logins[name]);
      expect(outcome).to.include({ name: 'AuthenticationError', retriable: false, reason: 'answer-incomplete' });
      expect((outcome as Error).message)
        .to.match(/in clear, and was not sent/)
        .and.not.include('t0ken');
      expect(asked).to.deep.equal([]);
    });
  }

  for (const host of [
    'acme.my.salesforce.com',
    'ACME.my.salesforce.com.',
    'acme.my.salesforce.mil',
    'acme.my.sfcrmproducts.cn',
  ]) {
    it(`is refused at the call, when it is of ${host}`, () => {
      expect(() => staticSession({ accessToken: '00D!x', instanceUrl: `http://${host}` })).to.throw(/in clear/);
      expect(() => clientCredentials({ loginUrl: `http://${host}`, clientId: 'a', clientSecret: 'b' })).to.throw(
        /in clear/,
      );
    });
  }
});

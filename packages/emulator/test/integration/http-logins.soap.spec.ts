import { expect } from 'chai';
import type { Emulator } from '../../src/index.js';
import { RawClient } from '../support/raw-client.js';
import { withEmulator } from '../support/with-emulator.js';
import { revoke } from '../support/http-logins.js';

describe('SOAP login()', () => {
  it('gives a session for the Pub/Sub API, when the password is followed by the security token', () =>
    withEmulator({}, async (emulator) => {
      const { username, password, securityToken, organizationId } = emulator.credentials;
      const [status, xml, type] = await soap(emulator, loginMessage(username, password + securityToken));
      expect([status, type]).to.deep.equal([200, 'text/xml; charset=utf-8']);
      expect(textIn(xml, 'serverUrl')).to.equal(
        `${emulator.httpUrl}/services/Soap/u/60.0/${organizationId.slice(0, 15)}`,
      );
      expect(textIn(xml, 'organizationId')).to.equal(organizationId);
      expect(textIn(xml, 'userId')).to.match(/^005/);
      const client = new RawClient(emulator, { accesstoken: textIn(xml, 'sessionId') });
      await client.call('GetTopic', { topicName: '/data/ChangeEvents' });
      client.close();
      expect(emulator.faults.logins()).to.equal(1);
    }));

  it('serves the enterprise API, prefixes, CDATA and characters of XML too', () =>
    withEmulator({}, async (emulator) => {
      const { username, password, securityToken } = emulator.credentials;
      const secret = `<![CDATA[${password}${securityToken}]]>`;
      const name = username.replace('@', '&#x40;');
      const message = `<n1:login xmlns:n1="urn:x"><n1:username a="b">${name}</n1:username><n1:password>${secret}</n1:password></n1:login>`;
      const [status, xml] = await soap(emulator, message, 'c', '31.0');
      expect(status).to.equal(200);
      expect(xml).to.include('xmlns="urn:enterprise.soap.sforce.com"');
    }));

  const refused: readonly (readonly [string, (emulator: Emulator) => [string, string], string, string?])[] = [
    ['the password is wrong', ({ credentials: { username } }) => [username, 'wrong'], 'INVALID_LOGIN'],
    [
      'the security token is wrong',
      ({ credentials: { username, password } }) => [username, `${password}wrong`],
      'INVALID_LOGIN',
    ],
    [
      'the security token is missing',
      ({ credentials: { username, password } }) => [username, password],
      'LOGIN_MUST_USE_SECURITY_TOKEN',
    ],
    [
      'the user is unknown',
      ({ credentials }) => ['x', credentials.password + credentials.securityToken],
      'INVALID_LOGIN',
    ],
    ['the version is retired', () => ['a', 'b'], 'UNSUPPORTED_API_VERSION', '30.0'],
    ['the version is none', () => ['a', 'b'], 'UNSUPPORTED_API_VERSION', 'latest'],
    ['the version has no login', () => ['a', 'b'], 'INVALID_OPERATION', '65.0'],
  ];
  for (const [condition, userOf, code, version] of refused) {
    it(`answers the fault sf:${code}, when ${condition}`, () =>
      withEmulator({}, async (emulator) => {
        const [status, xml] = await soap(emulator, loginMessage(...userOf(emulator)), 'u', version);
        expect(status).to.equal(500);
        expect(textIn(xml, 'faultcode')).to.equal(`sf:${code}`);
        expect(textIn(xml, 'faultstring')).to.match(new RegExp(`^${code}: .`));
        expect(textIn(xml, 'sf:exceptionCode')).to.equal(code);
      }));
  }

  it('is refused as planned', () =>
    withEmulator({}, async (emulator) => {
      emulator.faults.refuseLogins(1, { error: 'API_DISABLED_FOR_ORG', description: 'API <off>' });
      emulator.faults.refuseLogins(1);
      const [, planned] = await soap(emulator, loginMessage('a', 'b'));
      expect(textIn(planned, 'faultstring')).to.equal('API_DISABLED_FOR_ORG: API &#60;off&#62;');
      const [, other] = await soap(emulator, loginMessage('a', 'b'));
      expect(textIn(other, 'faultcode')).to.equal('sf:INVALID_LOGIN');
    }));

  it('ends a session by logout()', () =>
    withEmulator({}, async (emulator) => {
      const { accessToken } = emulator.credentials;
      const [status] = await soap(emulator, `<sessionId>${accessToken}</sessionId><logout xmlns="urn:x"/>`);
      expect(status).to.equal(200);
      expect(await revoke(emulator, accessToken)).to.equal(400);
    }));

  it('has no other operations', () =>
    withEmulator({}, async (emulator) => {
      const [status, xml] = await soap(emulator, '<query/>', 'u', '60.0/00D000000000001');
      expect([status, textIn(xml, 'faultcode')]).to.deep.equal([500, 'sf:INVALID_OPERATION']);
    }));
});

describe('Access tokens in JWT format', () => {
  it('are of use for HTTP and refused by the Pub/Sub API, when the emulator gives such ones', () =>
    withEmulator({ jwtAccessTokens: true }, async (emulator, client) => {
      const { accessToken } = emulator.credentials;
      expect(accessToken).to.match(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
      const response = await fetch(`${emulator.httpUrl}/services/oauth2/userinfo`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      expect(response.status).to.equal(200);
      const refused = await client
        .call('GetTopic', { topicName: '/data/ChangeEvents' })
        .catch((error: unknown) => error);
      expect(refused).to.have.property('code', 16);
    }));
});

async function soap(
  { httpUrl }: Emulator,
  message: string,
  kind = 'u',
  version = '60.0',
): Promise<[number, string, string | null]> {
  const response = await fetch(`${httpUrl}/services/Soap/${kind}/${version}`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: `<?xml version="1.0"?><e:Envelope xmlns:e="urn:e"><e:Body>${message}</e:Body></e:Envelope>`,
  });
  return [response.status, await response.text(), response.headers.get('content-type')];
}

function loginMessage(username: string, password: string): string {
  return `<login xmlns="urn:partner.soap.sforce.com"><username>${username}</username><password>${password}</password></login>`;
}

/** The text of the first element of that name. */
function textIn(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}

import { expect } from 'chai';
import { unreachable } from './unreachable.js';

const URL = 'https://acme.my.salesforce.com/services/oauth2/token';

/** An error as Node and undici make them. */
function errorWith(message: string, fields: object): Error {
  return Object.assign(new Error(message), fields);
}

/** What undici makes of an answer of a proxy that is not 200. */
function proxyAnswered(status: number): Error {
  const message = `Proxy response (${status}) !== 200 when HTTP Tunneling`;
  return errorWith(message, { name: 'AbortError', code: 'UND_ERR_ABORTED' });
}

describe('unreachable', () => {
  const causes: readonly (readonly [string, Error, retriable: boolean, RegExp])[] = [
    [
      'nobody knows the host of a proxy',
      errorWith('getaddrinfo EAI_AGAIN proxy.acme.example', { code: 'EAI_AGAIN' }),
      true,
      /\(EAI_AGAIN\): no host of that name is known/,
    ],
    [
      'nobody knows the host, and its name has "proxy" in it',
      errorWith('getaddrinfo ENOTFOUND sf-proxy.acme.example', { code: 'ENOTFOUND' }),
      true,
      /\(ENOTFOUND\): no host of that name is known/,
    ],
    ['a proxy wants a password', proxyAnswered(407), false, /407.*the proxy did not let it through/],
    ['a proxy lets nobody go there', proxyAnswered(403), false, /403.*the proxy did not let it through/],
    ['a proxy gets no answer itself', proxyAnswered(504), true, /504.*the proxy did not get through to acme\.my/],
    [
      'the certificate is of another host',
      errorWith('Hostname/IP does not match', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
      false,
      /is for another name\. Check the spelling of loginUrl/,
    ],
    [
      'the certificate has expired',
      errorWith('certificate has expired', { code: 'CERT_HAS_EXPIRED' }),
      false,
      /is not valid at this time\. Check the clock/,
    ],
    [
      'the certificate is not valid yet',
      errorWith('certificate is not yet valid', { code: 'CERT_NOT_YET_VALID' }),
      false,
      /is not valid at this time\. Check the clock/,
    ],
    [
      'nobody knows who signed the certificate',
      errorWith('unable to verify', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
      false,
      /is not trusted/,
    ],
    [
      'the answer is no HTTP',
      errorWith('Response does not match the HTTP/1.1 protocol', { name: 'HTTPParserError', data: 'a t0ken' }),
      false,
      /\(HTTPParserError\): what answers at acme\.my\.salesforce\.com does not speak/,
    ],
  ];
  for (const [condition, cause, retriable, message] of causes) {
    it(`is ${retriable ? 'retriable' : 'final'} and says why, when ${condition}`, () => {
      const error = unreachable(URL, { cause, timeoutMs: 1 });
      expect(error).to.include({ code: 'connection', retriable });
      expect(error.message).to.match(message);
    });
  }

  it('does not hand on its cause, which may hold what was read of an answer', () => {
    const cause = errorWith('no HTTP', { name: 'HTTPParserError', data: '{"access_token":"t0ken"}' });
    expect(unreachable(URL, { cause, timeoutMs: 1 })).to.not.have.property('cause');
  });
});

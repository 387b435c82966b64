import { expect } from 'chai';
import { resolveClientOptions, type ClientOptions } from './client-options.js';

const auth = { open: () => Promise.reject(new Error('not called')) };
const resolve = (options: unknown) => resolveClientOptions(options as ClientOptions);

describe('resolveClientOptions', () => {
  it('speaks TLS with the service, by the proxy that the environment names, when there is a login alone', () => {
    expect(resolve({ auth })).to.deep.equal({
      endpoint: 'api.pubsub.salesforce.com:7443',
      tls: {},
      channelOptions: {},
      proxy: undefined,
    });
  });

  for (const endpoint of ['localhost:7011', '127.0.0.1:7011', '[::1]:7011', 'LOCALHOST:7011']) {
    it(`speaks plaintext with ${endpoint}, when insecure is true`, () =>
      expect(resolve({ auth, endpoint, insecure: true }).tls).to.equal(undefined));
  }

  it('speaks plaintext with another machine, when that is what insecure says', () =>
    expect(resolve({ auth, endpoint: 'emulator:7011', insecure: 'plaintext-over-the-network' }).tls).to.equal(
      undefined,
    ));

  const mistakes: readonly (readonly [what: string, options: unknown, message: RegExp])[] = [
    ['nothing', undefined, /given no options/],
    ['null', null, /given null/],
    ['a text', 'x', /given a text/],
    ['a number', 1, /given a number/],
    ['an array', [], /given an array/],
    ['a function', () => undefined, /given a function/],
    ['no login', {}, /needs auth/],
    ['null for a login', { auth: null }, /needs auth/],
    ['a login that is none', { auth: { open: 'x' } }, /needs auth/],
    ['a name that is none', { auth, endpont: 'x:1' }, /no option "endpont"/],
    ['an endpoint that is no text', { auth, endpoint: 7443 }, /endpoint is "7443"/],
    ['an endpoint without a port', { auth, endpoint: 'localhost' }, /host:port/],
    ['a port that is none', { auth, endpoint: 'localhost:70000' }, /host:port/],
    ['port 0', { auth, endpoint: 'localhost:0' }, /host:port/],
    ['an address without brackets', { auth, endpoint: '::1:7443' }, /host:port/],
    ['channel options that are none', { auth, channelOptions: null }, /channelOptions is null/],
    ['insecure as a text', { auth, endpoint: 'localhost:1', insecure: 'true' }, /insecure is "true"/],
    ['insecure as a number', { auth, endpoint: 'localhost:1', insecure: 1 }, /insecure is a number/],
    ['a proxy that is none', { auth, proxy: 'x' }, /the option proxy/],
    ['a proxy that is true', { auth, proxy: true }, /proxy is true/],
    ...['emulator:7011', '10.0.0.1:7011', '[::2]:7011', 'localhost.example:7011'].map(
      (endpoint) =>
        [`plaintext with ${endpoint}`, { auth, endpoint, insecure: true }, /'plaintext-over-the-network'\.$/] as const,
    ),
    ...[
      'api.pubsub.salesforce.com:443',
      'API.pubsub.SALESFORCE.com.:443',
      'x.salesforce.mil:1',
      'x.salesforce.cn:1',
    ].flatMap((endpoint) =>
      [true, 'plaintext-over-the-network'].map(
        (insecure) =>
          [
            `${insecure} for ${endpoint}`,
            { auth, endpoint, insecure },
            /a host of Salesforce.*Leave it out\.$/,
          ] as const,
      ),
    ),
  ];
  for (const [what, options, message] of mistakes) {
    it(`refuses ${what}`, () =>
      expect(() => resolve(options))
        .to.throw(message)
        .and.include({ name: 'ConfigurationError', code: 'configuration' }));
  }
});

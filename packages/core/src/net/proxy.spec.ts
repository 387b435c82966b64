import { expect } from 'chai';
import { targetOf } from './hosts.js';
import { basicAuthorization, checkProxy, proxyName, proxyTo, type ProxyOption, type Traffic } from './proxy.js';

const API = targetOf('api.pubsub.salesforce.com:7443');

/** The host that something goes by; `undefined` where it goes straight. */
function way(environment: Record<string, string>, traffic: Traffic = 'stream', option?: ProxyOption) {
  return proxyTo(API, traffic, option, environment)?.hostname;
}

describe('proxyTo', () => {
  const all = {
    grpc_proxy: 'http://a:1',
    GRPC_PROXY: 'http://b:1',
    https_proxy: 'http://c:1',
    HTTPS_PROXY: 'http://d:1',
    http_proxy: 'http://e:1',
    HTTP_PROXY: 'http://f:1',
    all_proxy: 'http://g:1',
    ALL_PROXY: 'http://h:1',
  };
  for (const [traffic, order] of [
    ['stream', 'abcdefgh'],
    ['https', 'cdefgh'],
    ['http', 'efgh'],
  ] as const) {
    it(`goes by the first variable that is set, of those for ${traffic}`, () => {
      const left: Record<string, string> = { ...all };
      const seen: string[] = [];
      for (let host = way(left, traffic); host !== undefined; host = way(left, traffic)) {
        seen.push(host);
        left[Object.keys(all).find((name) => left[name] === `http://${host}:1`)!] = ' ';
      }
      expect(seen.join('')).to.equal(order);
    });
  }

  for (const name of ['no_proxy', 'NO_PROXY', 'no_grpc_proxy', 'NO_GRPC_PROXY']) {
    it(`goes straight, when ${name} lists the host`, () => {
      expect(way({ HTTPS_PROXY: 'http://p:1', [name]: '.salesforce.com' })).to.equal(undefined);
      expect(way({ https_proxy: 'http://p:1', [name]: 'force.com' })).to.equal('p');
    });
  }

  it('takes the list for streams in place of the other one, and for streams only', () => {
    const environment = { HTTPS_PROXY: 'http://p:1', no_grpc_proxy: 'other', NO_PROXY: '*' };
    expect(way(environment)).to.equal('p');
    expect(way(environment, 'https')).to.equal(undefined);
  });

  it('asks the environment for nothing, when there is an option', () => {
    const environment = { HTTPS_PROXY: 'socks5://p:1', NO_PROXY: '*' };
    expect(way(environment, 'stream', false)).to.equal(undefined);
    expect(way(environment, 'stream', 'http://option:1')).to.equal('option');
  });

  it('does not look at a proxy that the host is not reached by', () => {
    expect(way({ HTTPS_PROXY: 'no proxy', NO_PROXY: '*' })).to.equal(undefined);
  });

  for (const [url, hostname, port] of [
    ['http://proxy.example', 'proxy.example', 80],
    ['https://proxy.example/', 'proxy.example', 443],
    ['HTTP://Proxy.Example:3128', 'proxy.example', 3128],
    ['proxy.example:3128', 'proxy.example', 3128],
    ['10.0.0.1:3128', '10.0.0.1', 3128],
    ['[::1]:3128', '[::1]', 3128],
    [' http://[::1]:3128 ', '[::1]', 3128],
  ] as const) {
    it(`takes "${url}"`, () => expect(proxyTo(API, 'stream', url)).to.include({ hostname, port }));
  }

  for (const [written, meant] of [
    ['ann:p%40ss', 'ann:p@ss'],
    ['ann:p@ss', 'ann:p@ss'],
    ['ann:100%sure', 'ann:100%sure'],
    ['ann:50%25%', 'ann:50%%'],
    ['j%C3%B6rg:p%C3%A4ss', 'jörg:päss'],
    ['ann:%E4', 'ann:%E4'],
    ['ann', 'ann:'],
    [':token', ':token'],
  ] as const) {
    it(`sends "${meant}", when the URL has ${written}`, () => {
      const proxy = proxyTo(API, 'stream', `http://${written}@proxy:1`)!;
      expect(proxy.credentials).to.equal(meant);
      expect(basicAuthorization(proxy)).to.equal(`Basic ${Buffer.from(meant).toString('base64')}`);
      expect(proxyName(proxy)).to.equal('the proxy proxy:1 (the option proxy)');
    });
  }

  it('sends no user name and password, when there are none', () => {
    expect(basicAuthorization(proxyTo(API, 'stream', 'http://proxy:1')!)).to.equal(undefined);
  });

  for (const [value, advice] of [
    ['socks5://ann:s3cret@proxy:1080', /SOCKS.*HTTP proxies only/],
    ['socks://ann:s3cret@proxy', /SOCKS/],
    ['SOCKS5H://ann:s3cret@proxy:1', /SOCKS/],
    ['ann:s3cret@proxy', /not the URL of an HTTP proxy/],
    ['http://ann:s3/cret@proxy:1', /percent-encoded/],
    ['http://ann:1/s3cret@proxy:1', /percent-encoded/],
    ['ftp://ann:s3cret@proxy', /not the URL/],
    ['http://', /not the URL/],
    ['http://s3cret.example/proxy.pac', /not the URL/],
    ['s3cret', /not the URL/],
  ] as const) {
    it(`refuses "${value}" without showing it`, () => {
      for (const call of [() => way({ all_proxy: value }), () => checkProxy(value)]) {
        const refusal = expect(call).to.throw(advice).and.include({ name: 'ConfigurationError', retriable: false });
        refusal.with.property('message').not.match(/s3/);
      }
      expect(() => way({ all_proxy: value })).to.throw(/all_proxy/);
    });
  }
});

describe('checkProxy', () => {
  it('takes a URL, false, and nothing', () => {
    for (const option of ['http://proxy:1', false, undefined]) expect(checkProxy(option)).to.equal(option);
  });
  for (const option of ['', ' ', true, null, 3128, {}, new URL('http://proxy:1')]) {
    it(`refuses ${JSON.stringify(option)}`, () =>
      expect(() => checkProxy(option))
        .to.throw(/^proxy is .*, or false for none/)
        .and.include({ code: 'configuration' }));
  }
});

import { expect } from 'chai';
import { canonicalHost, isLoopback, isSalesforceHost, targetOf } from './hosts.js';

describe('targetOf', () => {
  for (const [endpoint, host, port] of [
    ['api.pubsub.salesforce.com:7443', 'api.pubsub.salesforce.com', 7443],
    ['API.Example.:443', 'api.example', 443],
    ['[2001:DB8:0::1]:7443', '2001:db8::1', 7443],
    ['10.1.2.3:1', '10.1.2.3', 1],
  ] as const) {
    it(`gives the host and port of ${endpoint}`, () => expect(targetOf(endpoint)).to.deep.equal({ host, port }));
  }
});

describe('canonicalHost', () => {
  it('leaves what is no host as it is, but small', () => {
    expect(canonicalHost('A b/c')).to.equal('a b/c');
  });
});

describe('isLoopback', () => {
  for (const host of [
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    'pubsub.test',
    '127.0.0.1',
    '127.8.9.10',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
  ]) {
    it(`holds for ${host}`, () => expect(isLoopback(host)).to.equal(true));
  }
  for (const host of [
    'emulator',
    'localhost.example',
    '127.0.0.1.nip.io',
    '0.0.0.0',
    '10.0.0.1',
    '::',
    '::2',
    '128.0.0.1',
    'mytest',
    '',
  ]) {
    it(`does not hold for "${host}"`, () => expect(isLoopback(host)).to.equal(false));
  }
});

describe('isSalesforceHost', () => {
  for (const host of [
    'login.salesforce.com',
    'login.salesforce.com.',
    'ACME--dev.sandbox.my.Salesforce.com',
    'acme.lightning.force.com',
    'acme.my.salesforce.mil',
    'acme.lightning.crmforce.mil',
    'acme.my.salesforce.cn',
    'acme.my.sfcrmproducts.cn',
    'acme.lightning.sfcrmapps.cn',
    'api.deu.pubsub.salesforce.com',
  ]) {
    it(`holds for ${host}`, () => expect(isSalesforceHost(host)).to.equal(true));
  }
  for (const host of [
    'notsalesforce.com',
    'salesforce.com.example',
    'workforce.com',
    'localhost',
    'salesforce.example',
  ]) {
    it(`does not hold for ${host}`, () => expect(isSalesforceHost(host)).to.equal(false));
  }
});

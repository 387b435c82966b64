import { expect } from 'chai';
import { targetOf } from './hosts.js';
import { isListed } from './no-proxy.js';

describe('isListed', () => {
  const listed: readonly (readonly [list: string, endpoint: string])[] = [
    ['api.example', 'api.example:443'],
    ['example', 'api.example:443'],
    ['.example', 'api.example:443'],
    ['*.example', 'api.example:443'],
    ['.api.example', 'api.example:443'],
    ['API.Example.', 'api.example:443'],
    ['api.example', 'API.EXAMPLE.:443'],
    ['other, api.example', 'api.example:443'],
    ['other api.example', 'api.example:443'],
    [',, other ,\tapi.example,', 'api.example:443'],
    ['*', 'api.example:443'],
    ['other,*', 'api.example:443'],
    ['api.example:443', 'api.example:443'],
    ['.example:443', 'api.example:443'],
    ['*:443', 'api.example:443'],
    ['a*.example', 'api.example:443'],
    ['10.1.*', '10.1.2.3:443'],
    ['10.1.2.3', '10.1.2.3:443'],
    ['10.1.2.3:443', '10.1.2.3:443'],
    ['10.0.0.0/8', '10.1.2.3:443'],
    ['10.0.0.0/8:443', '10.1.2.3:443'],
    ['0.0.0.0/0', '10.1.2.3:443'],
    ['::1', '[::1]:443'],
    ['[::1]', '[::1]:443'],
    ['[::1]:443', '[::1]:443'],
    ['0:0:0:0:0:0:0:1', '[::1]:443'],
    ['2001:DB8::1', '[2001:db8:0:0::1]:443'],
    ['fd00::/8', '[fd12::1]:443'],
    ['[fd00::]/8', '[fd12::1]:443'],
    ['[fd00::]/8:443', '[fd12::1]:443'],
  ];
  for (const [list, endpoint] of listed) {
    it(`covers ${endpoint}, when the list is "${list}"`, () =>
      expect(isListed(list, targetOf(endpoint))).to.equal(true));
  }

  const others: readonly (readonly [list: string, endpoint: string])[] = [
    ['', 'api.example:443'],
    [' , ,', 'api.example:443'],
    ['.', 'api.example:443'],
    ['*.', 'api.example:443'],
    ['ample', 'api.example:443'],
    ['force.com', 'api.pubsub.salesforce.com:443'],
    ['host', 'localhost:443'],
    ['sub.api.example', 'api.example:443'],
    ['api.example:7443', 'api.example:443'],
    ['*:7443', 'api.example:443'],
    ['api.example:', 'api.example:443'],
    ['api.ex', 'api.example:443'],
    ['api*.org', 'api.example:443'],
    ['10.1.2', '10.1.2.3:443'],
    ['2.3', '10.1.2.3:443'],
    ['10.1.2.30', '10.1.2.3:443'],
    ['11.0.0.0/8', '10.1.2.3:443'],
    ['10.0.0.0/33', '10.1.2.3:443'],
    ['10.0.0.0/', '10.1.2.3:443'],
    ['10.0.0.0/x', '10.1.2.3:443'],
    ['10.0.0.0/8', 'api.example:443'],
    ['0.0.0.0/0', '[::1]:443'],
    ['::1', '[::2]:443'],
    ['[::1]:7443', '[::1]:443'],
    ['fe00::/8', '[fd12::1]:443'],
    ['(', 'api.example:443'],
    ['*(', 'api.example:443'],
  ];
  for (const [list, endpoint] of others) {
    it(`does not cover ${endpoint}, when the list is "${list}"`, () =>
      expect(isListed(list, targetOf(endpoint))).to.equal(false));
  }
});

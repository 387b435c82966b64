import { expect } from 'chai';
import { natsAddress } from './nats-source.js';

describe('natsAddress', () => {
  it('has the servers of a list, and the login of the first one', () => {
    expect(natsAddress('nats://u:p%40ss@a, nats://b:4333', 'nats.url')).to.deep.equal({
      hosts: 'a:4222, b:4333',
      options: { servers: ['a:4222', 'b:4333'], user: 'u', pass: 'p@ss' },
    });
  });

  it('takes a user without a password for a token, and tls:// for TLS', () => {
    const { options } = natsAddress('tls://token@a', 'nats.url');
    expect(options).to.deep.equal({ servers: ['a:4222'], token: 'token', tls: {} });
  });

  it('names the setting, and no part of it, where one of them is no URL', () => {
    for (const text of ['http://u:hidden@a', 'nats://a,hidden', 'nats://']) {
      expect(() => natsAddress(text, 'nats.url'))
        .to.throw('nats.url must begin with nats:// or tls://.')
        .with.property('code', 'configuration');
    }
  });
});

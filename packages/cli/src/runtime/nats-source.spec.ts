import { expect } from 'chai';
import { natsAddress } from './nats-source.js';
import { connectionOf } from './redis-source.js';

describe('natsAddress', () => {
  it('has the servers of a list, and the login of the first one', () => {
    expect(natsAddress('nats://u:p%40ss@a, nats://b:80', 'nats.url')).to.deep.equal({
      hosts: 'a:4222, b:80',
      options: { servers: ['a:4222', 'b:80'], user: 'u', pass: 'p@ss' },
    });
  });

  it('takes a password as it is, where a % in it begins no code', () => {
    expect(natsAddress('nats://u:100%zz@a', 'nats.url').options).to.include({ pass: '100%zz' });
    expect(connectionOf('redis://u:100%zz@a')).to.include({ username: 'u', password: '100%zz' });
  });

  it('takes a user without a password for a token, and tls:// for TLS', () => {
    const { options } = natsAddress('tls://token@a', 'nats.url');
    expect(options).to.deep.equal({ servers: ['a:4222'], token: 'token', tls: {} });
  });

  it('names the setting, and no part of it, where one of them is no URL', () => {
    for (const text of ['http://u:hidden@a', 'nats://a,hidden', 'nats://', 'nats:hidden', 'hidden']) {
      expect(() => natsAddress(text, 'nats.url'))
        .to.throw('nats.url must begin with nats:// or tls://.')
        .with.property('code', 'configuration');
    }
  });
});

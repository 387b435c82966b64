import { expect } from 'chai';
import { clientCredentials, createClient, jwtBearer, staticSession, usernamePassword } from '@rxforce/core';
import { inSettings, settingsLogger } from './setting-words.js';

const login = { loginUrl: 'https://login.salesforce.com', clientId: 'id', username: 'u' };
const auth = { open: () => Promise.reject(new Error('no')) };

/** The message of what the library throws. */
const thrownBy = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('inSettings', () => {
  const cases: readonly (readonly [what: string, message: string, named: RegExp])[] = [
    [
      'a key in place of its path',
      thrownBy(() => jwtBearer({ ...login, privateKeyPath: '-----BEGIN PRIVATE KEY-----' })),
      /private_key_path .*private_key\b/,
    ],
    ['no key', thrownBy(() => jwtBearer(login)), /login: jwt needs either private_key or private_key_path/],
    [
      'the general login URL',
      thrownBy(() => clientCredentials({ ...login, clientSecret: 's' })),
      /login: client_credentials.*login_url/,
    ],
    ['an empty password', thrownBy(() => usernamePassword({ ...login, password: '' })), /login: password/],
    [
      'an open instance URL',
      thrownBy(() => staticSession({ accessToken: '00D!abc', instanceUrl: 'http://acme.my.salesforce.com' })),
      /instance_url must begin/,
    ],
    [
      'plaintext over the network',
      thrownBy(() => createClient({ auth, endpoint: 'acme.example:443', insecure: true })),
      /pubsub\.insecure: true .*ca_file.*pubsub\.insecure: 'plaintext/,
    ],
    ['a certificate', thrownBy(() => createClient({ auth, tls: { ca: 'none' } })), /ca_file/],
  ];
  for (const [what, message, named] of cases) {
    it(`names settings in the error about ${what}`, () => {
      expect(message).to.match(/[a-z][A-Z]\w*|insecure|tls/);
      const text = inSettings(message);
      expect(text).to.match(named);
      expect(text).to.not.match(
        /\b(jwtBearer|clientCredentials|usernamePassword|staticSession)\(|loginUrl|privateKey|instanceUrl|tls[:.]/,
      );
    });
  }

  it('names settings in lines of the log, and passes on what else is there', () => {
    const lines: unknown[] = [];
    const logger = settingsLogger({ warn: (...line) => lines.push(line), info: (...line) => lines.push(line) });
    logger.warn('Check loginUrl.', { topic: 'a' });
    logger.info?.("As onInvalid says, it goes on from 'latest'.");
    expect(lines).to.deep.equal([
      ['Check login_url.', { topic: 'a' }],
      ["As on_lost_position says, it goes on from 'latest'.", undefined],
    ]);
    expect(logger.error).to.equal(undefined);
  });

  it('says what to do about NATS', () => {
    const both = 'give each consumer a name of its own, or all replicas a jetStreamLease().';
    expect(inSettings(both)).to.equal('give each consumer a name of its own, or set nats.lease: true.');
    const time = 'the same ttlMs. Give this one, or give all of them another `bucket`; or delete the bucket.';
    expect(inSettings(time)).to.equal('the same lease_ttl_ms. Give this one; or delete the bucket.');
    expect(inSettings('give `maxBytes`, within the bound')).to.equal('give `max_bytes`, within the bound');
  });

  it('says what to do about Redis with its URL', () => {
    const silent = 'Check host and port, and whether Redis wants TLS (`tls: {}`). It is tried again.';
    expect(inSettings(silent)).to.equal('Check its URL, and whether it wants rediss://. It is tried again.');
  });
});

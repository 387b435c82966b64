import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { orgFromEnvironment, type Environment } from './environment.js';

const SESSION = {
  RXFORCE_ACCESS_TOKEN: '00D000000000001!secret',
  RXFORCE_INSTANCE_URL: 'https://acme.my.salesforce.com',
};
const CREDENTIALS = {
  RXFORCE_CLIENT_ID: 'app',
  RXFORCE_CLIENT_SECRET: 'secret',
  RXFORCE_LOGIN_URL: 'https://acme.my.salesforce.com',
};

describe('orgFromEnvironment', () => {
  it('uses a session that is open', async () => {
    const { accessToken, instanceUrl, organizationId } = await orgFromEnvironment(SESSION).auth.open();
    expect({ accessToken, instanceUrl, organizationId }).to.deep.equal({
      accessToken: '00D000000000001!secret',
      instanceUrl: 'https://acme.my.salesforce.com',
      organizationId: '00D000000000001',
    });
  });

  /** What the environment says beside the login. */
  const endpointOf = (environment: Environment) => {
    const { auth, ...endpoint } = orgFromEnvironment({ ...SESSION, ...environment });
    expect(auth.open).to.be.a('function');
    return endpoint;
  };

  it('leaves the endpoint to the client, when the environment does not name one', () => {
    expect(endpointOf({})).to.deep.equal({});
  });

  it('names an endpoint, with or without TLS', () => {
    const endpoint = { RXFORCE_ENDPOINT: 'localhost:7011' };
    expect(endpointOf(endpoint)).to.deep.equal({ endpoint: 'localhost:7011' });
    for (const insecure of ['1', 'true']) {
      const given = endpointOf({ ...endpoint, RXFORCE_INSECURE: insecure });
      expect(given).to.deep.equal({ endpoint: 'localhost:7011', insecure: true });
    }
    const abroad = { RXFORCE_ENDPOINT: 'emulator:7011', RXFORCE_INSECURE: 'plaintext-over-the-network' };
    expect(endpointOf(abroad)).to.deep.equal({ endpoint: 'emulator:7011', insecure: 'plaintext-over-the-network' });
    for (const secure of ['0', 'false', '']) {
      expect(endpointOf({ RXFORCE_INSECURE: secure })).to.deep.equal({});
    }
  });

  it('takes variables that are set to nothing as not set', () => {
    const empty = { RXFORCE_CLIENT_SECRET: '', RXFORCE_PRIVATE_KEY: '', RXFORCE_CA_FILE: '', RXFORCE_ENDPOINT: '' };
    expect(endpointOf(empty)).to.deep.equal({});
  });

  const without = (environment: Environment, name: string) => ({ ...environment, [name]: '' });
  const mistakes: readonly (readonly [string, Environment, string])[] = [
    ['nothing is set', {}, 'does not say how to log in'],
    ['only what all logins have is set', { RXFORCE_CLIENT_ID: 'app' }, 'does not say how to log in'],
    ['the client id is missing', without(CREDENTIALS, 'RXFORCE_CLIENT_ID'), 'needs RXFORCE_CLIENT_ID set'],
    ['the login URL is missing', without(CREDENTIALS, 'RXFORCE_LOGIN_URL'), 'needs RXFORCE_LOGIN_URL set'],
    ['the instance URL is missing', without(SESSION, 'RXFORCE_INSTANCE_URL'), 'needs RXFORCE_INSTANCE_URL set'],
    ['a key has no user', { RXFORCE_PRIVATE_KEY_FILE: 'key.pem' }, 'needs RXFORCE_CLIENT_ID and RXFORCE_USERNAME set'],
    ['there are two logins', { ...SESSION, ...CREDENTIALS }, 'RXFORCE_ACCESS_TOKEN and RXFORCE_CLIENT_SECRET are set'],
    [
      'there are two keys',
      { RXFORCE_PRIVATE_KEY_FILE: 'key.pem', RXFORCE_PRIVATE_KEY: 'secret' },
      'RXFORCE_PRIVATE_KEY_FILE and RXFORCE_PRIVATE_KEY are set',
    ],
    [
      'RXFORCE_INSECURE is neither on nor off',
      { ...SESSION, RXFORCE_INSECURE: 'maybe' },
      'RXFORCE_INSECURE is "maybe"',
    ],
    [
      'the file of certificates is missing',
      { ...SESSION, RXFORCE_CA_FILE: '/nowhere.pem' },
      'RXFORCE_CA_FILE cannot be read',
    ],
  ];
  for (const [condition, environment, message] of mistakes) {
    it(`refuses without a secret, when ${condition}`, () => {
      expect(() => orgFromEnvironment(environment)).to.throw(ConfigurationError, message);
      expect(() => orgFromEnvironment(environment)).not.to.throw(/secret/);
    });
  }
});

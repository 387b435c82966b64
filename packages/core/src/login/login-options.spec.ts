import { expect } from 'chai';
import { ConfigurationError } from '../model/errors.js';
import { clientCredentials } from './client-credentials.js';
import { jwtBearer } from './jwt-bearer.js';
import { refreshToken } from './refresh-token.js';
import { staticSession } from './static-session.js';
import { usernamePassword } from './username-password.js';
import { webServerFlow } from './web-server-flow.js';

describe('The options of a login', () => {
  for (const [name, login, typo, meant, notListed] of [
    ['jwtBearer', jwtBearer, 'clientid', 'clientId', 'clientSecret'],
    ['clientCredentials', clientCredentials, 'clientSecrt', 'clientSecret', 'username'],
    ['usernamePassword', usernamePassword, 'secureToken', 'securityToken', 'clientId'],
    ['webServerFlow', webServerFlow, 'redirectURL', 'redirectUri', 'password'],
    ['refreshToken', refreshToken, 'refresh_token', 'refreshToken', 'password'],
    ['staticSession', staticSession, 'access_token', 'accessToken', 'loginUrl'],
  ] as const) {
    it(`are those of ${name}() alone, in the message for a misspelt one, with the closest`, () => {
      const call = () => (login as (options: object) => unknown)({ [typo]: 's3cret' });
      expect(call)
        .to.throw(ConfigurationError, `${name}() has no option "${typo}"`)
        .with.property('message')
        .that.includes(`Did you mean "${meant}"?`)
        .and.does.not.match(new RegExp(`\\b${notListed}\\b|s3cret`));
    });

    it(`must be an object, for ${name}()`, () => {
      for (const options of [null, undefined, 's3cret']) {
        expect(() => (login as (options: unknown) => unknown)(options))
          .to.throw(ConfigurationError, `${name}(): the options must be an object`)
          .with.property('message')
          .that.does.not.include('s3cret');
      }
    });
  }

  it('may be of another login: one set of credentials is given to any', () => {
    const all = { loginUrl: 'https://acme.example', clientId: 'a', clientSecret: 'b', username: 'c', password: 'd' };
    expect(() => clientCredentials(all)).not.to.throw();
    expect(() => usernamePassword(all)).not.to.throw();
  });

  it('name scopes as a list', () => {
    const options = { clientId: 'a', redirectUri: 'https://app.example/back', scopes: 'api refresh_token' as never };
    expect(() => webServerFlow(options)).to.throw(
      ConfigurationError,
      'scopes is a text, but must be an array of texts',
    );
  });
});

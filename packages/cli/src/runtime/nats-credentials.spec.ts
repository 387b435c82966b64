import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credsAuthenticator } from '@nats-io/transport-node';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { natsCredentials } from '../../test/support/nats-credentials.js';
import { credentialsIn } from './nats-credentials.js';

describe('credentialsIn', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxforce-'));
    path = join(folder, 'user.creds');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const jwtOf = (creds: string) => creds.split('\n')[1];

  it('logs in with what the file has then, and with the last credentials while it has none', () => {
    const [first, second] = [natsCredentials().creds, natsCredentials().creds];
    writeFileSync(path, first);
    const login = credentialsIn({ credsAuthenticator }, path);
    const jwts = ['', second, 'half of a fi'].map((text) => {
      if (text !== '') writeFileSync(path, text);
      return (login('') as { readonly jwt: string }).jwt;
    });
    expect(jwts).to.deep.equal([jwtOf(first), jwtOf(second), jwtOf(second)]);
  });

  it('is an error that names the file and nothing of what is in it, when there is none, or it has no credentials', () => {
    const thrown = (text?: string) => {
      if (text !== undefined) writeFileSync(path, text);
      try {
        credentialsIn({ credsAuthenticator }, path);
        return undefined;
      } catch (error) {
        return error;
      }
    };
    expect(thrown())
      .to.be.instanceOf(ConfigurationError)
      .and.include({ message: `nats.credentials_path ${path} cannot be used (ENOENT).` });
    const secret = natsCredentials().creds.split('\n').at(-3) ?? '';
    expect(thrown(secret))
      .to.be.instanceOf(ConfigurationError)
      .and.include({ message: `nats.credentials_path ${path} cannot be used (it has no credentials of a user).` });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credsAuthenticator } from '@nats-io/transport-node';
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
});

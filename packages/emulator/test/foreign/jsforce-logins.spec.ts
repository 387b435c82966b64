import { expect } from 'chai';
import { SignJWT } from 'jose';
import jsforce from 'jsforce';
import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Emulator, startEmulator } from '../../src/index.js';
import type { RawClient } from '../support/raw-client.js';
import { changesOn } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

type Connection = InstanceType<typeof jsforce.Connection>;

const TOPIC = '/data/AccountChangeEvent';
const REDIRECT_URI = 'http://localhost:3000/callback';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

describe('jsforce, unchanged, logging in', () => {
  const logins: readonly (readonly [string, (emulator: Emulator) => Promise<Connection>])[] = [
    [
      'username, password and security token',
      async ({ httpUrl: loginUrl, credentials: { username, password, securityToken } }) => {
        const connection = new jsforce.Connection({ loginUrl });
        await connection.login(username, `${password}${securityToken}`);
        return connection;
      },
    ],
    [
      'client credentials',
      async ({ httpUrl: loginUrl, credentials: { clientId, clientSecret } }) => {
        const connection = new jsforce.Connection({ oauth2: { loginUrl, clientId, clientSecret } });
        await connection.authorize({ grant_type: 'client_credentials' });
        return connection;
      },
    ],
    [
      'a JWT',
      async (emulator) => {
        const connection = new jsforce.Connection({ oauth2: { loginUrl: emulator.httpUrl } });
        await connection.authorize({ grant_type: JWT_BEARER, assertion: await assertionFor(emulator) });
        return connection;
      },
    ],
    [
      'the code of the web server flow, with a verifier',
      async ({ httpUrl: loginUrl, credentials: { clientId, clientSecret } }) => {
        const oauth2 = new jsforce.OAuth2({
          loginUrl,
          clientId,
          clientSecret,
          redirectUri: REDIRECT_URI,
          useVerifier: true,
        });
        const connection = new jsforce.Connection({ oauth2 });
        const { headers } = await fetch(oauth2.getAuthorizationUrl({ scope: 'api' }), { redirect: 'manual' });
        await connection.authorize(new URL(headers.get('location')!).searchParams.get('code')!);
        return connection;
      },
    ],
  ];
  for (const [how, logIn] of logins) {
    it(`changes records and causes their change events, when it logs in with ${how}`, () =>
      withEmulator({}, async (emulator, client) => {
        await changesRecords(await logIn(emulator), client);
      }));
  }

  it('logs in again by itself, when its session has expired', () =>
    withEmulator({}, async (emulator) => {
      const { httpUrl: loginUrl, credentials, faults } = emulator;
      const connection = new jsforce.Connection({ loginUrl });
      await connection.login(credentials.username, `${credentials.password}${credentials.securityToken}`);
      faults.expireSessions();
      expect((await connection.sobject('Account').create({ Name: 'a' })).success).to.be.true;
      expect(faults.logins()).to.equal(2);
    }));

  it('works over HTTPS, when Node is told of the authority', async () => {
    const emulator = await startEmulator({ https: true, seed: 1 });
    const directory = mkdtempSync(join(tmpdir(), 'rxforce-jsforce-'));
    const caFile = join(directory, 'ca.pem');
    try {
      writeFileSync(caFile, emulator.ca!);
      const { httpUrl, credentials } = emulator;
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: caFile, LOGIN: JSON.stringify({ httpUrl, ...credentials }) };
      const { stdout } = await promisify(execFile)(process.execPath, ['--eval', HTTPS_PROGRAM], {
        env,
        cwd: import.meta.dirname,
      });
      expect(emulator.org.record('Account', stdout.trim())).to.include({ Name: 'Abel' });
      expect(emulator.log(TOPIC)).to.have.length(1);
    } finally {
      rmSync(directory, { recursive: true });
      await emulator.stop();
    }
  });
});

/** What a program does: in a process of its own, because Node reads authorities when it starts. */
const HTTPS_PROGRAM = `
  const { Connection } = require('jsforce');
  const { httpUrl, username, password, securityToken } = JSON.parse(process.env.LOGIN);
  const connection = new Connection({ loginUrl: httpUrl });
  connection
    .login(username, password + securityToken)
    .then(() => connection.sobject('Account').create({ Name: 'Abel' }))
    .then(({ id }) => console.log(id));
`;

/** Creates, reads, updates and deletes an account, and looks at the change events. */
async function changesRecords(connection: Connection, client: RawClient): Promise<void> {
  const accounts = connection.sobject('Account');
  const { id, success } = await accounts.create({ Name: 'Abel', BillingCity: 'Oslo', Phone: '1' });
  expect(success).to.be.true;
  await accounts.update({ Id: id!, BillingCity: 'Lyon', Phone: null });
  expect(await accounts.retrieve(id!)).to.include({ Name: 'Abel', BillingCity: 'Lyon', Phone: null });
  await accounts.destroy(id!);

  const [created, updated, deleted] = await changesOn(client, TOPIC, 3);
  expect(created!.header).to.deep.include({ changeType: 'CREATE', recordIds: [id] });
  expect(created!.header.changeOrigin).to.equal(`com/salesforce/api/rest/${connection.version}`);
  expect(created!.data).to.include({ Name: 'Abel', Phone: '1' });
  expect(updated!.header).to.deep.include({
    changeType: 'UPDATE',
    recordIds: [id],
    // Phone is field 7, LastModifiedDate field 23, and the city the second part of field 5.
    changedFields: ['0x800080', '5-0x02'],
    nulledFields: ['0x80'],
  });
  expect(deleted!.header).to.deep.include({ changeType: 'DELETE', recordIds: [id] });
}

function assertionFor({ httpUrl, credentials: { clientId, username, privateKeyPath } }: Emulator): Promise<string> {
  return new SignJWT({ iss: clientId, sub: username, aud: httpUrl })
    .setProtectedHeader({ alg: 'RS256' })
    .setExpirationTime('3m')
    .sign(createPrivateKey(readFileSync(privateKeyPath)));
}

import { startEmulator } from '@rxforce/emulator';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAccounts } from './accounts.js';

/** What a test does: it starts an org of its own, and reads from it. */
export async function readEmulated(): Promise<string> {
  const emulator = await startEmulator();
  for (const Name of ['a', 'b']) emulator.org.create('Account', { Name, AnnualRevenue: 5_000 });
  const { credentials, httpUrl, grpcEndpoint, ca = '' } = emulator;
  const caFile = join(mkdtempSync(join(tmpdir(), 'ca-')), 'ca.pem');
  writeFileSync(caFile, ca);
  const read = await readAccounts({
    RXFORCE_ENDPOINT: grpcEndpoint,
    RXFORCE_CA_FILE: caFile,
    RXFORCE_LOGIN_URL: httpUrl,
    RXFORCE_CLIENT_ID: credentials.clientId,
    RXFORCE_USERNAME: credentials.username,
    RXFORCE_PRIVATE_KEY_FILE: credentials.privateKeyPath,
    SF_PASSWORD: credentials.password,
    SF_SECURITY_TOKEN: credentials.securityToken,
  });
  await emulator.stop();
  return read;
}

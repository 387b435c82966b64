import { generateKeyPair, type KeyObject } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The key that the connected app trusts, instead of the certificate that is uploaded in Salesforce. */
export interface AppKey {
  readonly publicKey: KeyObject;
  /** The path of the private key, in PEM. */
  readonly path: string;
  /** Removes the file. */
  removeFile(): Promise<void>;
}

type KeyPair = Awaited<ReturnType<typeof newKeyPair>>;

/** One key pair for all emulators of a process: making it takes longer than the rest of the start. */
let pair: Promise<KeyPair> | undefined;

/** The key directories of running emulators. They are removed when the process ends first, so no key is left. */
const directories = new Set<string>();

/** Makes the key of an emulator's app, in its own file that only this user can read. */
export async function makeAppKey(): Promise<AppKey> {
  const { publicKey, privateKey } = await (pair ??= newKeyPair());
  const directory = await mkdtemp(join(tmpdir(), 'rxforce-emulator-'));
  directories.add(directory);
  const path = join(directory, 'private-key.pem');
  await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const removeFile = async (): Promise<void> => {
    await rm(directory, { recursive: true, force: true });
    directories.delete(directory);
  };
  return { publicKey, path, removeFile };
}

function newKeyPair() {
  process.once('exit', () => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));
  return promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
}

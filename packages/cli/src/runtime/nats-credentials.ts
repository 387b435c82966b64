import { readFileSync } from 'node:fs';
import type { Authenticator } from '@nats-io/transport-node';
import { ConfigurationError } from '@rxforce/core/model';
import type { NatsLibrary } from './nats-source.js';

/**
 * Logs in with the credentials of a file. It is read for each login, as somebody may have changed them meanwhile. While
 * it cannot be read, the last ones count.
 *
 * @throws `ConfigurationError` when there is no such file, or something else is in it.
 */
export function credentialsIn({ credsAuthenticator }: Pick<NatsLibrary, 'credsAuthenticator'>, path: string) {
  const read = () => {
    const made = credsAuthenticator(readFileSync(path));
    made('');
    return made;
  };
  let last: Authenticator;
  try {
    last = read();
  } catch (cause) {
    const { code = 'it has no credentials of a user' } = cause as NodeJS.ErrnoException;
    throw new ConfigurationError(`nats.credentials_path ${path} cannot be used (${code}).`, { cause });
  }
  const login: Authenticator = (nonce) => {
    try {
      last = read();
    } catch {
      // It is being written.
    }
    return last(nonce);
  };
  return login;
}

import { readFileSync } from 'node:fs';
import { clientCredentials, jwtBearer, staticSession, type ClientOptions, type SessionProvider } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How to reach the org. */
export type OrgAccess = Pick<ClientOptions, 'auth' | 'endpoint' | 'tls' | 'insecure'>;

/** A way to log in, with the variables that choose it. */
interface Login {
  readonly chosenBy: readonly string[];
  readonly needs: readonly string[];
  readonly make: (read: (name: string) => string | undefined, ca: string | undefined) => SessionProvider;
}

const LOGINS: readonly Login[] = [
  {
    chosenBy: ['RXFORCE_ACCESS_TOKEN'],
    needs: ['RXFORCE_INSTANCE_URL'],
    make: (read) =>
      staticSession({
        accessToken: read('RXFORCE_ACCESS_TOKEN') ?? '',
        instanceUrl: read('RXFORCE_INSTANCE_URL') ?? '',
      }),
  },
  {
    chosenBy: ['RXFORCE_CLIENT_SECRET'],
    needs: ['RXFORCE_CLIENT_ID', 'RXFORCE_LOGIN_URL'],
    make: (read, ca) =>
      clientCredentials({
        loginUrl: read('RXFORCE_LOGIN_URL') ?? '',
        clientId: read('RXFORCE_CLIENT_ID') ?? '',
        clientSecret: read('RXFORCE_CLIENT_SECRET') ?? '',
        ca,
      }),
  },
  {
    chosenBy: ['RXFORCE_PRIVATE_KEY_FILE', 'RXFORCE_PRIVATE_KEY'],
    needs: ['RXFORCE_CLIENT_ID', 'RXFORCE_USERNAME'],
    make: (read, ca) =>
      jwtBearer({
        loginUrl: read('RXFORCE_LOGIN_URL'),
        clientId: read('RXFORCE_CLIENT_ID') ?? '',
        username: read('RXFORCE_USERNAME') ?? '',
        privateKey: read('RXFORCE_PRIVATE_KEY'),
        privateKeyPath: read('RXFORCE_PRIVATE_KEY_FILE'),
        privateKeyPassphrase: read('RXFORCE_PRIVATE_KEY_PASSPHRASE'),
        ca,
      }),
  },
];

/**
 * Reads from the environment how to reach an org.
 *
 * @throws `ConfigurationError` when that is not clear. Its message contains no secret.
 */
export function orgFromEnvironment(environment: Environment): OrgAccess {
  // An empty variable counts as not set.
  const read = (name: string) => (environment[name] === '' ? undefined : environment[name]);
  const caFile = read('RXFORCE_CA_FILE');
  const ca = caFile === undefined ? undefined : readCa(caFile);
  const insecure = plaintextIn('RXFORCE_INSECURE', read('RXFORCE_INSECURE'));
  const endpoint = read('RXFORCE_ENDPOINT');
  return {
    auth: loginIn(read).make(read, ca),
    ...(endpoint !== undefined && { endpoint }),
    ...(insecure ? { insecure } : ca !== undefined && { tls: { ca } }),
  };
}

function loginIn(read: (name: string) => string | undefined): Login {
  const isSet = (name: string) => read(name) !== undefined;
  const chosen = LOGINS.filter(({ chosenBy }) => chosenBy.some(isSet));
  const set = chosen.flatMap(({ chosenBy }) => chosenBy.filter(isSet));
  const [login] = chosen;
  if (login === undefined) {
    throw new ConfigurationError(
      'The environment does not say how to log in: set RXFORCE_CLIENT_ID, RXFORCE_CLIENT_SECRET and RXFORCE_LOGIN_URL, or ' +
        'the variables of another login (rxforce-codegen --help), or give --schema to do without an org.',
    );
  }
  if (set.length > 1) {
    throw new ConfigurationError(`${set.join(' and ')} are set, each of which is a way to log in: unset all but one.`);
  }
  const missing = login.needs.filter((name) => !isSet(name));
  if (missing.length > 0) {
    throw new ConfigurationError(`A login with ${set.join('')} needs ${missing.join(' and ')} set, too.`);
  }
  return login;
}

function plaintextIn(name: string, value = '0'): NonNullable<ClientOptions['insecure']> {
  if (/^(1|true)$/.test(value)) return true;
  if (/^(0|false)$/.test(value)) return false;
  if (value === 'plaintext-over-the-network') return value;
  throw new ConfigurationError(
    `${name} is "${value}", but must be 1, or 0 or unset; for a server on another machine, plaintext-over-the-network.`,
  );
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(`RXFORCE_CA_FILE cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

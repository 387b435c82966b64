import type { LogFields, Logger } from '@rxforce/core/model';

/** What the library calls its options, and what the file calls them. The first ones have more than a name in them. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/ Make another one with createClient\(\)\./g, ''],
  [/\bjwtBearer\(\)/g, 'login: jwt'],
  [/\bclientCredentials\(\)/g, 'login: client_credentials'],
  [/\busernamePassword\(\)/g, 'login: password'],
  [/\bstaticSession\(\)/g, 'login: session'],
  [/, 128 MiB unless channelOptions say otherwise/g, ''],
  [/\bchannelOptions: \{ 'grpc\.(\w+)' \}/g, 'pubsub.$1'],
  [
    /Check host and port, and whether Redis wants TLS \(`tls: \{\}`\)/g,
    'Check its URL, and whether it wants rediss://',
  ],
  [/leave `tls` out, or give its TLS port/g, 'begin its URL with redis://, or give its TLS port'],
  [
    /Give ioredis a `db` that this Redis has, such as 0/g,
    'End its URL with a database that this Redis has, such as /0',
  ],
  [
    /Give ioredis the certificate of the authority that signed that of Redis: tls: \{ ca: [^}]*\}/g,
    'Set NODE_EXTRA_CA_CERTS to a file with the certificate of the authority that signed that of Redis',
  ],
  [/, or give ioredis tls: \{ servername \}/g, ''],
  [/: give ioredis tls: \{ cert, key \}/g, ', and there is no setting for one'],
  [/ `allowEviction: true` goes on all the same\./g, ''],
  [/ The Redis client is closed: [^.]*gave up\.[^.]*never gives up\./g, ''],
  [/give all replicas a redisLease\(\), and/g, 'set redis.lease: true, and'],
  [/, or all replicas a jetStreamLease\(\)/g, ', or set nats.lease: true'],
  [/, or the inboxPrefix that the connection was given/g, ''],
  [
    /this program closed it, or it gave up after its maxReconnectAttempts, which are 10 by default\. Connect with [^.]*\./g,
    'NATS has refused its login. Start the process anew.',
  ],
  [/\bttlMs\b/g, 'lease_ttl_ms'],
  [/, or give all of them another `bucket`/g, ''],
  [/\bmaxBytes\b/g, 'max_bytes'],
  [/\(option `fields` of the subscription\)/g, '(fields of the topic)'],
  [/Set `ssl` of the pool\./g, 'Put sslmode into the URL of the database.'],
  [/Leave `ssl` out\./g, 'Leave sslmode out of the URL of the database.'],
  [/\bsqlMirror\(\) has columns: 'fail'/g, 'the sink has columns: fail'],
  [/\bits option `from`/g, 'replay_from'],
  [/\breplay\.from\b/g, 'replay_from'],
  [/\b(?:replay\.)?onInvalid\b/g, 'on_lost_position'],
  [
    /( is not known on )(\S+)(: .*) Start from 'earliest' to get all that is kept, or from 'latest' to go on from now, and read the records again to fill the gap\./g,
    '$1$2$3 Set on_lost_position of the topic to earliest, for all that is kept, or to latest, to go on from now; or set the ' +
      'position: rxforce positions set --topic $2 --to earliest. Read the records again to fill the gap.',
  ],
  [/\btls: \{ ca \}/g, 'ca_file'],
  [/\btls\.ca\b/g, 'ca_file'],
  [/(?<![.\w])insecure: /g, 'pubsub.insecure: '],
  [/\bthe option proxy\b/g, 'pubsub.proxy'],
  [/`window`/g, 'max_concurrent_events'],
  [/\bretentionMs\b/g, 'retention_hours'],
  [/\bmaxEntries\b/g, 'max_entries'],
  ...[
    ...['loginUrl', 'clientId', 'clientSecret', 'privateKeyPassphrase', 'privateKeyPath', 'privateKey'],
    ...['securityToken', 'accessToken', 'instanceUrl'],
  ].map((name) => [new RegExp(`\\b${name}\\b`, 'g'), snakeOf(name)] as const),
];

/**
 * A message of the library, with the names of settings in place of those of options, which nobody can give in a file.
 */
export function inSettings(message: string): string {
  return WORDS.reduce((text, [word, setting]) => text.replace(word, setting), message);
}

/** The same for the message of an error that a command ends with: it makes no other attempt. */
export function asLastWords(message: string): string {
  return inSettings(message).replace(/ It is tried again\.$/, '');
}

/** A logger for the library, whose lines name settings. */
export function settingsLogger(logger: Logger): Logger {
  const at = (level: keyof Logger) => (message: string, fields?: LogFields) =>
    logger[level]?.(inSettings(message), fields && fieldsInSettings(fields));
  return {
    warn: at('warn'),
    ...(logger.error && { error: at('error') }),
    ...(logger.info && { info: at('info') }),
    ...(logger.debug && { debug: at('debug') }),
  };
}

/** A line may have the message of an error among its fields. */
function fieldsInSettings(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? inSettings(value) : value]),
  );
}

function snakeOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

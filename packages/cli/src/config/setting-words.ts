import { RxforceError, type LogFields, type Logger } from '@rxforce/core/model';

/** Where an event is that was not settled for long. */
const WAITS =
  ' It waits for its sink or its pipeline: the lines of the log about them say why. In a module of yours, look for a ' +
  'request without a timeout.';

/** Advice of the library that is about code, and what is to be done where there is only a file. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/ has not been settled for /g, ' has not been written or put aside for '],
  [
    / Look for work that never ends: [^.]*\. (timeoutMs of [^.]* bounds it|Where the work [^.]*stuckAfterEvents)\./g,
    WAITS,
  ],
  [/ It goes on without; onMismatch: 'ignore' says that it is meant\./g, ' It goes on without.'],
  [/ Where a stream has several objects, [^.]*\{ onMismatch: 'ignore' \} after the operand\./g, ''],
  [/Look the name up in the schema, which client\.schema\(\) gives\./g, 'rxforce schema shows the names.'],
  [/Pass onUndecodable to put such events aside, as they came, and go on\./g, 'rxforce run puts such events aside.'],
  [/ A test server that makes its ids up needs schemaIds: 'trust' in createClient\(\)\./g, ''],
  [/ pauseBelow of records\(\) sets that share\./g, ''],
  [
    /Read by 'bulk', fewer fields, or fewer records by `where`; then begin again with restart\(\)\./g,
    'Name fewer fields of the topic; then begin again with rxforce snapshot OBJECT --again NAME.',
  ],
  [/Give records\(\) some fields, or by: 'bulk'\./g, 'Name some of them in fields of the topic.'],
  [/\bfields of records\(\) names/g, 'fields names'],
  [/; or give the publisher onUnknown: 'fail', or a longer answerTimeoutMs where the service is slow/g, ''],
  [/ Where (all of it is done within the call|it does not), say settle: 'on-return'[^.]*\./g, ''],
  [/ when your subscriber returns\./g, ' when your pipeline has passed them on.'],
  [/: return the promise, or use handle\(\)/g, ': do it in handle()'],
  [/, or in a function given to subscribe\(\) that returns its promise/g, ''],
  [/ or a function given to subscribe\(\) that returns its promise/g, ''],
  [/, and end with limit\(n\) in place of take\(n\)/g, ''],
  [/End with client\.drain\(\) or limit\(n\), or do all of the work/g, 'Do all of the work'],
  [/Check open\(\) of the session provider that auth is: [^.]*\./g, 'Check login_url, and the way to it.'],
  [/ Where trying again helps, let open\(\) of the session provider [^.]*\./g, ''],
  [/: make a new login\./g, '. Set it right, and start again.'],
  [/ See maxAttempts\./g, ''],
  [/\bcreateClient\(\{ proxy: false \}\), or list/g, 'list'],
  [/\bcreateClient\(\{ proxy \}\)/g, 'pubsub.proxy'],
  [/\bthe option ca \(RXFORCE_CA_FILE for rxforce-codegen\)/g, 'ca_file'],
  [/ of its own, or let them share one subscription with share\(\)\./g, ' of its own.'],
  [
    /Give all replicas of the writer one lease, and relayTo\(\) its token by fencedBy\./g,
    'Set lease: true for all readers.',
  ],
  [/\brelayTo\(\) puts each schema there/g, 'The reader puts each schema there'],
  [/ Redrive or purge it, or raise maxLetters\./g, ' Redrive or discard some: rxforce dlq.'],
  [/, and call purge\(\) without a time, which deletes them/g, ', and discard all: rxforce dlq discard --all'],
  [/, or remove\(\) the letter/g, ', or discard the letter: rxforce dlq discard'],
  [/ Give sqlMirror\(\) a `nameOf` that returns another name for one of them\./g, ' Leave one of them out of fields.'],
  [/ Give sqlMirror\(\) another `table`\./g, ' Give the sink another schema, or remove the table.'],
];

/** What the library calls its options, and what the file calls them. The first ones have more than a name in them. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  ...ADVICE,
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

/** What an error says, with the names of settings where it is one of the library. */
export function wordsOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return RxforceError.is(error) ? inSettings(said) : said;
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

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { clientCredentials, createClient, jwtBearer, staticSession, usernamePassword } from '@rxforce/core';
import { inSettings, settingsLogger } from './setting-words.js';

const login = { loginUrl: 'https://login.salesforce.com', clientId: 'id', username: 'u' };
const auth = { open: () => Promise.reject(new Error('no')) };

/** The message of what the library throws. */
const thrownBy = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

/** The packages whose messages reach a user of the command. */
const LIBRARIES: readonly string[] = ['core', 'operators', 'records', 'dead-letters', 'replay-redis', 'sql'];

/** The sources of a package, with each text in one piece. */
function textOf(name: string): string {
  const folder = new URL(`../../../${name}/src/`, import.meta.url);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .map((path) => readFileSync(new URL(path, folder), 'utf8'))
    .join('\n')
    .replaceAll('\\`', '`')
    .replace(/['"`] \+\s*['"`]/g, '');
}

/** Advice that is about code, and what is said in its place. */
const ADVICE: readonly (readonly [message: string, inFile: RegExp])[] = [
  [
    ' Look for work that never ends: a request without a timeout, a promise that nobody resolves, a dead-letter queue that ' +
      'does not answer. timeoutMs of handle() and retryWithDLQ() bounds it.',
    /^ It waits for its sink or its pipeline/,
  ],
  [
    ' Look for work that never ends: a request without a timeout, a promise that nobody resolves, a hold that nobody ' +
      'releases. Where the work may take that long, raise stuckAfterMs or stuckAfterEvents.',
    /^ It waits for its sink or its pipeline/,
  ],
  [' has not been settled for ', /^ has not been written or put aside for $/],
  [" It goes on without; onMismatch: 'ignore' says that it is meant.", /^ It goes on without\.$/],
  [
    " Where a stream has several objects, and this one need not have the field, say so by { onMismatch: 'ignore' } after the operand.",
    /^$/,
  ],
  ['Look the name up in the schema, which client.schema() gives.', /^rxforce schema/],
  ['Pass onUndecodable to put such events aside, as they came, and go on.', /^rxforce run puts/],
  [" A test server that makes its ids up needs schemaIds: 'trust' in createClient().", /^$/],
  [' pauseBelow of records() sets that share.', /^$/],
  [
    "Read by 'bulk', fewer fields, or fewer records by `where`; then begin again with restart().",
    /^Name fewer fields .*--again NAME\.$/,
  ],
  ["Give records() some fields, or by: 'bulk'.", /in fields of the topic\.$/],
  ['fields of records() names', /^fields names$/],
  ["; or give the publisher onUnknown: 'fail', or a longer answerTimeoutMs where the service is slow", /^$/],
  [" Where all of it is done within the call, say settle: 'on-return'.", /^$/],
  [" Where it does not, say settle: 'on-return', and this is not said again.", /^$/],
  [' when your subscriber returns.', /your pipeline/],
  [', or in a function given to subscribe() that returns its promise', /^$/],
  [' or a function given to subscribe() that returns its promise', /^$/],
  [', and end with limit(n) in place of take(n)', /^$/],
  ['End with client.drain() or limit(n), or do all of the work', /^Do all/],
  [
    'Check open() of the session provider that auth is: a request without a time limit, a promise that nobody resolves.',
    /^Check login_url/,
  ],
  [
    ' Where trying again helps, let open() of the session provider reject with a ConnectionError, or an AuthenticationError ' +
      'that is retriable.',
    /^$/,
  ],
  [': make a new login.', /^\. Set it right, and start again\.$/],
  [' See maxAttempts.', /^$/],
  ['createClient({ proxy: false }), or list', /^list$/],
  ['createClient({ proxy })', /^pubsub\.proxy$/],
  ['the option ca (RXFORCE_CA_FILE for rxforce-codegen)', /^ca_file$/],
  [' of its own, or let them share one subscription with share().', /^ of its own\.$/],
  ['Give all replicas of the writer one lease, and relayTo() its token by fencedBy.', /^Set lease: true/],
  ['relayTo() puts each schema there', /^The reader/],
  [' Redrive or purge it, or raise maxLetters.', /rxforce dlq/],
  [', and call purge() without a time, which deletes them', /rxforce dlq discard --all/],
  [', or remove() the letter', /rxforce dlq discard/],
  [' Give sqlMirror() a `nameOf` that returns another name for one of them.', /fields/],
  [' Give sqlMirror() another `table`.', /another schema/],
];

describe('inSettings', () => {
  const cases: readonly (readonly [what: string, message: string, named: RegExp])[] = [
    [
      'a key in place of its path',
      thrownBy(() => jwtBearer({ ...login, privateKeyPath: '-----BEGIN PRIVATE KEY-----' })),
      /private_key_path .*private_key\b/,
    ],
    ['no key', thrownBy(() => jwtBearer(login)), /login: jwt needs either private_key or private_key_path/],
    [
      'the general login URL',
      thrownBy(() => clientCredentials({ ...login, clientSecret: 's' })),
      /login: client_credentials.*login_url/,
    ],
    ['an empty password', thrownBy(() => usernamePassword({ ...login, password: '' })), /login: password/],
    [
      'an open instance URL',
      thrownBy(() => staticSession({ accessToken: '00D!abc', instanceUrl: 'http://acme.my.salesforce.com' })),
      /instance_url must begin/,
    ],
    [
      'plaintext over the network',
      thrownBy(() => createClient({ auth, endpoint: 'acme.example:443', insecure: true })),
      /pubsub\.insecure: true .*ca_file.*pubsub\.insecure: 'plaintext/,
    ],
    ['a certificate', thrownBy(() => createClient({ auth, tls: { ca: 'none' } })), /ca_file/],
  ];
  for (const [what, message, named] of cases) {
    it(`names settings in the error about ${what}`, () => {
      expect(message).to.match(/[a-z][A-Z]\w*|insecure|tls/);
      const text = inSettings(message);
      expect(text).to.match(named);
      expect(text).to.not.match(
        /\b(jwtBearer|clientCredentials|usernamePassword|staticSession)\(|loginUrl|privateKey|instanceUrl|tls[:.]/,
      );
    });
  }

  const sources = LIBRARIES.map(textOf).join('\n');
  for (const [message, inFile] of ADVICE) {
    it(`says what a user of a file can do: ${message.slice(0, 60)}…`, () => {
      // Where a message has become another one, so must what is said in its place.
      expect(sources).to.include(message);
      expect(inSettings(message))
        .to.match(inFile)
        .and.not.match(/\b[a-z]+[A-Z]\w*|\w\(\w*\)|'on-return'/);
    });
  }

  it('names settings in lines of the log, and passes on what else is there', () => {
    const lines: unknown[] = [];
    const logger = settingsLogger({ warn: (...line) => lines.push(line), info: (...line) => lines.push(line) });
    logger.warn('Check loginUrl.', { topic: 'a' });
    logger.info?.("As onInvalid says, it goes on from 'latest'.");
    expect(lines).to.deep.equal([
      ['Check login_url.', { topic: 'a' }],
      ["As on_lost_position says, it goes on from 'latest'.", undefined],
    ]);
    expect(logger.error).to.equal(undefined);
  });

  it('says what to do about NATS', () => {
    const both = 'give each consumer a name of its own, or all replicas a jetStreamLease().';
    expect(inSettings(both)).to.equal('give each consumer a name of its own, or set nats.lease: true.');
    const time = 'the same ttlMs. Give this one, or give all of them another `bucket`; or delete the bucket.';
    expect(inSettings(time)).to.equal('the same lease_ttl_ms. Give this one; or delete the bucket.');
    expect(inSettings('give `maxBytes`, within the bound')).to.equal('give `max_bytes`, within the bound');
  });

  it('says what to do about Redis with its URL', () => {
    const silent = 'Check host and port, and whether Redis wants TLS (`tls: {}`). It is tried again.';
    expect(inSettings(silent)).to.equal('Check its URL, and whether it wants rediss://. It is tried again.');
  });
});

import { Command, InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import { readDefinitionFile } from './definition-file.js';
import { checkEnvFile, environmentOf, writeAuthorityFile, writeEnvFile } from './env-file.js';
import type { EmulatorOptions } from './emulator-options.js';
import { sampleValues } from './load/values.js';
import { anySeed, createRandom } from './model/random.js';
import { type Emulator, startEmulator } from './start-emulator.js';
import { reasonOf } from '@rxforce/core/internal';

interface Files {
  readonly caFile: string | undefined;
  readonly writeEnv: string | undefined;
  readonly plaintext: boolean;
}

interface CliOptions extends Omit<EmulatorOptions, 'tls'>, Partial<Omit<Files, 'plaintext'>> {
  readonly plaintext: boolean;
  readonly define?: readonly string[];
  readonly load?: number;
  readonly fill?: readonly RecordCount[];
}

/** How many records of an object there are at the start. */
interface RecordCount {
  readonly entity: string;
  readonly count: number;
}

const command = new Command('rxforce-emulator')
  .description('A local Salesforce Pub/Sub API with an org behind it. Prints one line of JSON when it is ready.')
  .option('--grpc-port <port>', 'port of the Pub/Sub API; 0 takes a free one', wholeNumber, 0)
  .option('--http-port <port>', 'port of the login, REST and fault endpoints; 0 takes a free one', wholeNumber, 0)
  .option('--ui', 'also serve a page to look at the org and to break things', false)
  .option('--ui-port <port>', 'port of that page; 0 takes a free one', wholeNumber, 0)
  .option('--plaintext', 'gRPC without TLS', false)
  .option('--https', 'login, REST and fault endpoints on TLS too, with a certificate of the same authority', false)
  .option('--jwt-access-tokens', 'logins give tokens in JWT format, which the Pub/Sub API refuses', false)
  .option('--rotate-refresh-tokens', 'each use of a refresh token replaces it', false)
  .option('--keepalive-ms <ms>', 'silence before a keepalive, 270000 by default', wholeNumber)
  .option('--idle-close-ms <ms>', 'time without demand before a stream is closed, 60000 by default', wholeNumber)
  .option(
    '--publish-idle-ms <ms>',
    'time without a request before a publish stream is closed, 70000 by default',
    wholeNumber,
  )
  .option(
    '--managed-idle-ms <ms>',
    'time without a commit before a managed subscription is closed, 1800000 by default',
    wholeNumber,
  )
  .option(
    '--managed-slot-ms <ms>',
    'how long a managed subscription is kept for a client that is gone, 0 by default',
    wholeNumber,
  )
  .option('--retention-ms <ms>', 'how long events are kept, 259200000 (72 hours) by default', wholeNumber)
  .option(
    '--daily-api-requests <n>',
    'REST requests within 24 hours, after which more are refused; by default none is refused',
    wholeNumber,
  )
  .option('--bulk-job-ms <ms>', 'how long a bulk job that reads records takes, 0 by default', wholeNumber)
  .option(
    '--fill <object=n>',
    'begin with so many records of an object, such as Account=50000; can be given several times',
    recordCount,
  )
  .option(
    '--define <file>',
    'define objects and platform events as a JSON file says, such as { "objects": { "Thing__c": { "fields": ' +
      '{ "Size__c": "Number" } } }, "events": { … } }; can be given several times',
    (path: string, before: readonly string[] | undefined) => [...(before ?? []), path],
  )
  .option('--load <events/s>', 'change records, so many events a second', positiveNumber)
  .option('--ca-file <path>', 'also write the certificate authority to this file')
  .option('--write-env <path>', 'also write the variables that clients need, for node --env-file and for source')
  .allowExcessArguments(false);

try {
  await run(command.parse().opts<CliOptions>());
} catch (error) {
  process.stderr.write(`error: ${reasonOf(error)}\n`);
  process.exitCode = 1;
}

async function run(options: CliOptions): Promise<void> {
  const { plaintext, define = [], fill = [], load, caFile, writeEnv, ...settings } = options;
  const definitions = define.map((path) => ({ path, content: readDefinitionFile(path) }));
  const emulator = await startEmulator({ ...settings, tls: !plaintext });
  stopOnSignals(emulator);
  try {
    definitions.forEach(({ path, content }) => emulator.org.define(content, path));
    const random = createRandom(anySeed());
    fill.forEach(({ entity, count }) => emulator.org.fill(entity, count, sampleValues(entity, random)));
    writeFiles(emulator, { caFile, writeEnv, plaintext });
  } catch (error) {
    await emulator.stop();
    throw error;
  }
  if (load !== undefined) emulator.startLoad({ eventsPerSecond: load });
  const { grpcEndpoint, httpUrl, faultsUrl, defineUrl, uiUrl, ca, credentials } = emulator;
  const ready = { grpcEndpoint, httpUrl, faultsUrl, defineUrl, uiUrl, ca, credentials };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  if (uiUrl !== undefined) process.stderr.write(`The page is at ${uiUrl}/\n`);
  if (writeEnv !== undefined) {
    const path = /^[\w./-]+$/.test(writeEnv) ? writeEnv : `'${writeEnv}'`;
    const uses = [
      `node --env-file=${path} app.js`,
      `npx @rxforce/cli tail Account --env-file ${path}`,
      `source ${path}`,
    ];
    process.stderr.write(`Wrote ${writeEnv}. Use it with: ${uses.join(', or: ')}\n`);
  }
}

function writeFiles(emulator: Emulator, { caFile: named, writeEnv, plaintext }: Files): void {
  const { ca } = emulator;
  if (named !== undefined && ca === undefined) {
    throw new Error('there is no certificate authority to write: leave out --ca-file or --plaintext, or give --https.');
  }
  // Clients trust the authority by its file, so the file is written wherever its path must be named.
  const path = named ?? (writeEnv === undefined ? undefined : `${writeEnv}.ca.pem`);
  const caFile = ca === undefined || path === undefined ? undefined : resolve(path);
  // Both files are checked before one is written.
  if (writeEnv !== undefined) checkEnvFile(writeEnv);
  if (caFile !== undefined) writeAuthorityFile(caFile, ca ?? '');
  if (writeEnv !== undefined) writeEnvFile(writeEnv, environmentOf(emulator, { plaintext, caFile }));
}

function stopOnSignals(emulator: Emulator): void {
  const stop = (): void => {
    void emulator.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

function recordCount(text: string, before: readonly RecordCount[] = []): RecordCount[] {
  const [, entity = '', count = ''] = /^(\w+)=(\d+)$/.exec(text) ?? [];
  if (entity === '') throw new InvalidArgumentError('Give an object and a whole number, such as Account=50000.');
  return [...before, { entity, count: Number(count) }];
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

import { Command, InvalidArgumentError } from 'commander';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Emulator, startEmulator } from './start-emulator.js';

interface CliOptions {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly plaintext: boolean;
  readonly https: boolean;
  readonly jwtAccessTokens: boolean;
  readonly rotateRefreshTokens: boolean;
  readonly keepaliveMs?: number;
  readonly idleCloseMs?: number;
  readonly publishIdleMs?: number;
  readonly managedIdleMs?: number;
  readonly managedSlotMs?: number;
  readonly retentionMs?: number;
  readonly load?: number;
  readonly caFile?: string;
}

const command = new Command('rxforce-emulator')
  .description('A local Salesforce Pub/Sub API with an org behind it. Prints one line of JSON when it is ready.')
  .option('--grpc-port <port>', 'port of the Pub/Sub API; 0 takes a free one', wholeNumber, 0)
  .option('--http-port <port>', 'port of the login, REST and fault endpoints; 0 takes a free one', wholeNumber, 0)
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
  .option('--load <events/s>', 'change records, so many events a second', positiveNumber)
  .option('--ca-file <path>', 'also write the certificate authority to this file')
  .allowExcessArguments(false);

try {
  await run(command.parse().opts<CliOptions>());
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(options: CliOptions): Promise<void> {
  const { plaintext, load, caFile, ...given } = options;
  const emulator = await startEmulator({
    ...given,
    tls: !plaintext,
  });
  stopOnSignals(emulator);
  try {
    writeCa(emulator, caFile);
  } catch (error) {
    await emulator.stop();
    throw error;
  }
  if (load !== undefined) {
    emulator.startLoad({ eventsPerSecond: load });
  }
  const { grpcEndpoint, httpUrl, faultsUrl, ca, credentials } = emulator;
  process.stdout.write(`${JSON.stringify({ grpcEndpoint, httpUrl, faultsUrl, ca, credentials })}\n`);
}

function writeCa({ ca }: Emulator, caFile: string | undefined): void {
  if (caFile === undefined) {
    return;
  }
  if (ca === undefined) {
    throw new Error('there is no certificate authority to write: leave out --ca-file or --plaintext, or give --https.');
  }
  mkdirSync(dirname(caFile), { recursive: true });
  writeFileSync(caFile, ca);
}

function stopOnSignals(emulator: Emulator): void {
  const stop = (): void => {
    void emulator.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new InvalidArgumentError('Give a whole number.');
  }
  return Number(text);
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError('Give a number above 0.');
  }
  return value;
}

import { loadSync } from '@grpc/proto-loader';
import { expect } from 'chai';
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Emulator, startEmulator } from '../../src/index.js';
import { TOPIC } from '../support/live-stream.js';
import { accountSubscription } from '../support/managed.js';
import { ORDER_TOPIC } from '../support/orders.js';
import { until } from '../support/until.js';

const SCRIPT = fileURLToPath(new URL('python_client.py', import.meta.url));
const PROTO_PATH = fileURLToPath(new URL('../../../../proto/pubsub_api.proto', import.meta.url));
/** The one on the PATH may be another than that which the system's packages are for. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/** What the client prints, line by line. */
interface Line {
  readonly id?: string;
  readonly replayId?: string;
  readonly error?: string | null;
  readonly payload?: Record<string, unknown> & { readonly ChangeEventHeader: Record<string, unknown> };
  readonly committed?: string;
  readonly status?: string;
  readonly errorCode?: string;
}

describe('A Python client on grpcio and avro', () => {
  let python = '';

  before(async function () {
    const found = await findPython();
    if (found === undefined) {
      process.stdout.write(
        '  Skipped: no python3 with grpc, google.protobuf and avro. Debian: python3-grpcio, python3-avro.\n',
      );
      this.skip();
    }
    python = found;
  });

  it('logs in by SOAP, subscribes and decodes what happens', () =>
    withPython(async (emulator, run) => {
      const { httpUrl, credentials } = emulator;
      const { username, password, securityToken } = credentials;
      const login = { url: httpUrl, username, password: password + securityToken };
      const lines = run({ login }, 'subscribe', TOPIC, 'LATEST', '3');
      await until(() => emulator.subscriptions()[0]?.pending === 2);
      const id = emulator.org.create('Account', { Name: 'Abel & Söhne', BillingAddress: { City: 'Oslo' } });
      emulator.org.update('Account', id, { Industry: 'Energy', AnnualRevenue: 12.5 });
      emulator.org.delete('Account', id);

      const [created, updated, deleted, ...more] = await lines;
      expect(more).to.deep.equal([]);
      expect(created!.payload!.ChangeEventHeader).to.deep.include({ changeType: 'CREATE', recordIds: [id] });
      expect(created!.payload).to.deep.include({ Name: 'Abel & Söhne' });
      expect(created!.payload!.BillingAddress).to.include({ City: 'Oslo', Street: null });
      expect(updated!.payload).to.include({ Industry: 'Energy', AnnualRevenue: 12.5, Name: null });
      expect(deleted!.payload!.ChangeEventHeader).to.include({ changeType: 'DELETE' });
      expect([created, updated, deleted].map((line) => base64(line!.replayId!))).to.deep.equal(
        emulator.log(TOPIC).map(({ replayId }) => replayId),
      );
    }));

  it('starts at the earliest event, and behind one that it names', () =>
    withPython(async (emulator, run) => {
      emulator.org.create('Account', { Name: 'a' });
      emulator.org.create('Account', { Name: 'b' });
      emulator.org.create('Account', { Name: 'c' });
      const all = await run({}, 'subscribe', TOPIC, 'EARLIEST', '3');
      expect(namesOf(all)).to.deep.equal(['a', 'b', 'c']);
      const rest = await run({}, 'subscribe', TOPIC, 'CUSTOM', '2', all[0]!.replayId!);
      expect(namesOf(rest)).to.deep.equal(['b', 'c']);
    }));

  it('publishes, once and on a stream, what it then receives', () =>
    withPython(async (emulator, run) => {
      const published = [
        ...(await run({}, 'publish', ORDER_TOPIC, 'O-1', 'O-2')),
        ...(await run({}, 'publish-stream', ORDER_TOPIC, 'O-3', 'O-4')),
      ];
      expect(published.map(({ id, error }) => [id, error])).to.deep.equal(
        ['O-1', 'O-2', 'O-3', 'O-4'].map((number) => [number, null]),
      );
      expect(published.map(({ replayId }) => base64(replayId!))).to.deep.equal(
        emulator.log(ORDER_TOPIC).map(({ replayId }) => replayId),
      );
      const received = await run({}, 'subscribe', ORDER_TOPIC, 'EARLIEST', '4');
      expect(received.map(({ payload }) => payload!.Order_Number__c)).to.deep.equal(['O-1', 'O-2', 'O-3', 'O-4']);
      expect(received[0]!.payload).to.include({ Amount__c: 12.5, Status__c: null });
    }));

  it('resumes a managed subscription behind what it has committed', () =>
    withPython(async (emulator, run) => {
      const { id } = accountSubscription(emulator);
      emulator.org.create('Account', { Name: 'a' });
      emulator.org.create('Account', { Name: 'b' });
      emulator.org.create('Account', { Name: 'c' });
      const first = await run({}, 'managed', 'Accounts', '2');
      expect(namesOf(first.slice(0, 2))).to.deep.equal(['a', 'b']);
      expect(first[2]).to.deep.equal({ committed: 'last', replayId: first[1]!.replayId, error: null });
      expect(emulator.managedSubscriptions.committed(id)).to.equal(base64(first[1]!.replayId!));
      const second = await run({}, 'managed', 'Accounts', '1');
      expect(namesOf(second.slice(0, 1))).to.deep.equal(['c']);
    }));

  it('is told status and error code, when it is refused', () =>
    withPython(async (_emulator, run) => {
      const prefix = 'sfdc.platform.eventbus.grpc.';
      expect(await run({}, 'subscribe', '/data/None', 'LATEST', '1')).to.deep.equal([
        { status: 'PERMISSION_DENIED', errorCode: `${prefix}topic.not.found` },
      ]);
      expect(await run({}, 'subscribe', TOPIC, 'CUSTOM', '1', '00000000000000010000')).to.deep.equal([
        { status: 'INVALID_ARGUMENT', errorCode: `${prefix}subscription.fetch.replayid.corrupted` },
      ]);
      expect(await run({}, 'managed', 'None', '1')).to.deep.equal([
        { status: 'NOT_FOUND', errorCode: `${prefix}managed.subscription.developer.name.not.found` },
      ]);
    }));

  type Run = (configuration: object, ...command: string[]) => Promise<Line[]>;

  async function withPython(test: (emulator: Emulator, run: Run) => Promise<void>): Promise<void> {
    const emulator = await startEmulator();
    const { accessToken, instanceUrl, organizationId } = emulator.credentials;
    const configuration = {
      endpoint: emulator.grpcEndpoint,
      ca: emulator.ca,
      descriptors: descriptors(),
      session: { accessToken, instanceUrl, tenantId: organizationId },
    };
    try {
      await test(emulator, (given, ...command) => {
        const session = 'login' in given ? undefined : configuration.session;
        return runPython(python, { ...configuration, session, ...given }, command);
      });
    } finally {
      await emulator.stop();
    }
  }
});

/** A Python that has all it takes, or `undefined`. */
async function findPython(): Promise<string | undefined> {
  for (const python of PYTHONS) {
    const isFit = await promisify(execFile)(python, [
      '-c',
      'import grpc, avro.io, google.protobuf.message_factory',
    ]).then(
      () => true,
      () => false,
    );
    if (isFit) return python;
  }
  return undefined;
}

/** Runs the script to its end, and gives what it has printed. */
function runPython(python: string, configuration: object, command: readonly string[]): Promise<Line[]> {
  const child = spawn(python, [SCRIPT, ...command], { stdio: ['pipe', 'pipe', 'pipe'] });
  let printed = '';
  let problems = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (problems += text));
  child.stdin.end(JSON.stringify(configuration));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        const lines = printed.split('\n').filter((line) => line !== '');
        resolve(lines.map((line) => JSON.parse(line) as Line));
      } else {
        reject(new Error(`The Python client ended with ${code}: ${problems}`));
      }
    });
  });
}

/** The contract, as Python's protobuf takes it. */
function descriptors(): string[] {
  const { fileDescriptorProtos } = loadSync(PROTO_PATH, { keepCase: true })['eventbus.v1.FetchRequest'] as {
    readonly fileDescriptorProtos: readonly Buffer[];
  };
  return fileDescriptorProtos.map((descriptor) => descriptor.toString('base64'));
}

function namesOf(lines: readonly Line[]): unknown[] {
  return lines.map(({ payload }) => payload!.Name);
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

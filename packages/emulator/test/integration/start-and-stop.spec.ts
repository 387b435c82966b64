import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/index.js';
import { until } from '../support/until.js';
import { withEmulator } from '../support/with-emulator.js';

describe('startEmulator', () => {
  it('serves TLS that a client trusts by the CA, when nothing else is said', () =>
    withEmulator({ tls: true }, async (emulator, client) => {
      expect(emulator.ca).to.match(/^-----BEGIN CERTIFICATE-----/);
      expect(await client.call('GetTopic', { topicName: '/data/ChangeEvents' })).to.include({ schemaId: '' });
    }));

  it('is trusted under its address too, when a client uses 127.0.0.1', () =>
    withEmulator({ tls: true }, async ({ grpcEndpoint, ca }) => {
      const names = await namesOfPeer(portOf(grpcEndpoint), ca!);
      expect(names).to.contain('DNS:localhost').and.contain('IP Address:127.0.0.1');
    }));

  it('makes the same ids, when it has the same seed', async () => {
    const [first, second, other] = await Promise.all([idsOf(7), idsOf(7), idsOf(8)]);
    expect(first).to.deep.equal(second).and.not.to.deep.equal(other);
  });

  it('names the port, when one is in use', async () => {
    const occupant = createServer().listen(0, 'localhost');
    await new Promise((resolve) => occupant.once('listening', resolve));
    const { port } = occupant.address() as { port: number };
    expect(await startError({ grpcPort: port })).to.match(
      new RegExp(`gRPC server did not start: port ${port} is in use`),
    );
    expect(await startError({ httpPort: port })).to.match(
      new RegExp(`HTTP server did not start: port ${port} is in use`),
    );
    await new Promise((resolve) => occupant.close(resolve));
  });

  it('frees the HTTP port, when the gRPC server cannot start', async () => {
    const running = await startEmulator({ tls: false });
    const httpPort = await freePort();
    await startError({ tls: false, httpPort, grpcPort: portOf(running.grpcEndpoint) });
    const other = await startEmulator({ tls: false, httpPort });
    expect(portOf(other.httpUrl)).to.equal(httpPort);
    await Promise.all([running.stop(), other.stop()]);
  });

  const invalid: readonly (readonly [keyof EmulatorOptions, number])[] = [
    ['grpcPort', 70_000],
    ['httpPort', -1],
    ['keepaliveMs', 0],
    ['idleCloseMs', 1.5],
    ['retentionMs', 0],
    ['responseDelayMs', -1],
    ['maxEventsPerResponse', 101],
    ['seed', NaN],
  ];
  for (const [name, value] of invalid) {
    it(`throws a ConfigurationError, when ${name} is ${value}`, async () => {
      expect(await startError({ [name]: value })).to.match(
        new RegExp(`^${name} is ${value}, but must be a whole number`),
      );
    });
  }

  it('throws a ConfigurationError with the name that was probably meant, when an option is unknown', async () => {
    expect(await startError({ keepAliveMs: 1_000 } as never)).to.match(
      /^startEmulator\(\) has no option "keepAliveMs"\. Did you mean "keepaliveMs"\?/,
    );
  });
});

describe('stop', () => {
  it('frees both ports, when clients are connected', () =>
    withEmulator({}, async (emulator, client) => {
      client.open().request({ topicName: '/data/ChangeEvents', numRequested: 5 });
      await until(() => emulator.subscriptions().length === 1);
      await fetch(`${emulator.httpUrl}/`);
      await emulator.stop();
      const ports = { grpcPort: portOf(emulator.grpcEndpoint), httpPort: portOf(emulator.httpUrl) };
      const next = await startEmulator({ tls: false, ...ports });
      expect(next).to.include({ grpcEndpoint: emulator.grpcEndpoint, httpUrl: emulator.httpUrl });
      await next.stop();
    }));

  it('does nothing more, when it was called before', async () => {
    const emulator = await startEmulator({ tls: false });
    await Promise.all([emulator.stop(), emulator.stop()]);
    await emulator.stop();
    expect(emulator.subscriptions()).to.be.empty;
  });

  it('ends a load, when one runs', async () => {
    const emulator = await startEmulator({ tls: false });
    const load = emulator.startLoad({ eventsPerSecond: 1000 });
    await until(() => load.made > 0);
    await emulator.stop();
    await load.done;
    expect(load.made).to.be.above(0);
  });

  it('lets no load begin any more', async () => {
    const emulator = await startEmulator({ tls: false });
    await emulator.stop();
    const load = emulator.startLoad({ eventsPerSecond: 100_000, limit: 1_000_000 });
    await load.done;
    expect(load.made).to.equal(0);
  });
});

async function idsOf(seed: number): Promise<unknown[]> {
  const emulator: Emulator = await startEmulator({ tls: false, seed });
  const ids = [emulator.credentials.organizationId, emulator.org.create('Account', { Name: 'a' })];
  await emulator.stop();
  return ids;
}

async function startError(options: EmulatorOptions): Promise<string> {
  try {
    const emulator = await startEmulator(options);
    await emulator.stop();
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigurationError);
    return (error as Error).message;
  }
  throw new Error('The emulator started.');
}

function portOf(address: string): number {
  return Number(address.split(':').at(-1));
}

async function freePort(): Promise<number> {
  const emulator = await startEmulator({ tls: false });
  await emulator.stop();
  return portOf(emulator.httpUrl);
}

/** Connects as a client that checks the address, which rejects when it is not trusted; gives the trusted names. */
function namesOfPeer(port: number, ca: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, ALPNProtocols: ['h2'] });
    socket.once('secureConnect', () => {
      resolve(socket.getPeerX509Certificate()?.subjectAltName);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

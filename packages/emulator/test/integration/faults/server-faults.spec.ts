import { status } from '@grpc/grpc-js';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { liveStream, TOPIC } from '../../support/live-stream.js';
import { RawClient } from '../../support/raw-client.js';
import { until } from '../../support/until.js';
import { withEmulator } from '../../support/with-emulator.js';

describe('stopServer', () => {
  it('cuts connections and frees the port, when clients are connected', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      await emulator.faults.stopServer();
      expect(emulator.subscriptions()).to.be.empty;
      const ended = await stream.status;
      expect(ended.code).to.equal(status.UNAVAILABLE);
      // Which of the two depends on what gRPC notices first.
      expect(ended.details).to.match(/^(read ECONNRESET|Connection dropped)$/);
      expect(await client.fail('GetTopic', { topicName: TOPIC }))
        .to.include({ code: status.UNAVAILABLE })
        .and.have.property('details')
        .that.contains('ECONNREFUSED');
      const occupant = createServer().listen(portOf(emulator.grpcEndpoint), 'localhost');
      await once(occupant, 'listening');
      occupant.close();
    }));

  it('does nothing, when it is stopped already', () =>
    withEmulator({}, async ({ faults }) => {
      await Promise.all([faults.stopServer(), faults.stopServer()]);
      await faults.stopServer();
    }));
});

describe('startServer', () => {
  for (const tls of [false, true]) {
    it(`serves the same port and log, ${tls ? 'with the same certificate' : 'in plaintext'}`, () =>
      withEmulator({ tls }, async (emulator, client) => {
        emulator.org.create('Account', { Name: 'a' });
        const stream = await liveStream(emulator, client, { replayPreset: 1 });
        const { replayId } = (await stream.next()).events[0]!;
        await emulator.faults.stopServer();
        emulator.org.create('Account', { Name: 'b' });
        await emulator.faults.startServer();
        const other = new RawClient(emulator);
        const resumed = await liveStream(emulator, other, { replayPreset: 2, replayId });
        const { events } = await resumed.next();
        expect(events.map(({ event }) => event!.id)).to.deep.equal([emulator.log(TOPIC)[1]!.id]);
        other.close();
      }));
  }

  it('does nothing, when the server runs', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      await emulator.faults.startServer();
      emulator.keepalive();
      await stream.next();
    }));

  it('rejects with a ConfigurationError, when the port was taken meanwhile, and starts when it is free again', () =>
    withEmulator({}, async (emulator) => {
      await emulator.faults.stopServer();
      const occupant = createServer().listen(portOf(emulator.grpcEndpoint), 'localhost');
      await once(occupant, 'listening');
      expect(await emulator.faults.startServer().catch((error: unknown) => error))
        .to.be.instanceOf(ConfigurationError)
        .and.have.property('message')
        .that.contains('is in use');
      occupant.close();
      await once(occupant, 'close');
      await emulator.faults.startServer();
      await withClient(emulator, (client) => client.call('GetTopic', { topicName: TOPIC }));
    }));

  it('rejects with a ConfigurationError, when the emulator was stopped', () =>
    withEmulator({}, async (emulator) => {
      await emulator.stop();
      expect(await emulator.faults.startServer().catch((error: unknown) => error)).to.be.instanceOf(ConfigurationError);
    }));
});

describe('restartServer', () => {
  it('cuts connections and serves again, when it was away for a while', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      await emulator.faults.restartServer({ downMs: 1 });
      expect(await stream.status).to.include({ code: status.UNAVAILABLE });
      await withClient(emulator, (other) => other.call('GetTopic', { topicName: TOPIC }));
    }));

  it('is away until the time has come, and does not come back when the emulator stops before', () =>
    withEmulator({}, async (emulator, client) => {
      await liveStream(emulator, client);
      const restarted = emulator.faults.restartServer({ downMs: 1_000_000 });
      await until(() => emulator.subscriptions().length === 0);
      expect(await client.fail('GetTopic', { topicName: TOPIC })).to.include({ code: status.UNAVAILABLE });
      await emulator.stop();
      await restarted;
      expect(await client.fail('GetTopic', { topicName: TOPIC })).to.include({ code: status.UNAVAILABLE });
    }));

  it('rejects with a ConfigurationError, when its option is not valid', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      expect(await emulator.faults.restartServer({ downMs: -1 }).catch(String)).to.contain('downMs');
      emulator.keepalive();
      await stream.next();
    }));
});

async function withClient(
  emulator: ConstructorParameters<typeof RawClient>[0],
  use: (client: RawClient) => Promise<unknown>,
): Promise<void> {
  const client = new RawClient(emulator);
  try {
    await use(client);
  } finally {
    client.close();
  }
}

function portOf(address: string): number {
  return Number(address.split(':').at(-1));
}

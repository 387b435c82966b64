import { status } from '@grpc/grpc-js';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import type { Emulator } from '../../../src/index.js';
import { liveStream, TOPIC } from '../../support/live-stream.js';
import { type RawClient, type RawStream, trailersOf } from '../../support/raw-client.js';
import { withEmulator } from '../../support/with-emulator.js';

const OTHER_TOPIC = '/data/LeadChangeEvent';
const CORRUPTED = 'sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted';

describe('expireReplayIds', () => {
  it('drops the log so far, of events and keepalives, and goes on with what comes', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      const ids = [
        await anEvent(emulator, stream),
        await aKeepalive(emulator, stream),
        await anEvent(emulator, stream),
      ];
      emulator.faults.expireReplayIds();
      for (const replayId of ids) {
        await expectRefused(client, replayId);
      }
      expect(emulator.log(TOPIC)).to.be.empty;
      const after = await anEvent(emulator, stream);
      const earliest = await client.open().request({ topicName: TOPIC, replayPreset: 1, numRequested: 5 }).next();
      expect(earliest.events.map(({ replayId }) => replayId)).to.deep.equal([after]);
      await expectAccepted(emulator, client, after);
    }));

  it('drops the log of one topic, when it is named', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      const replayId = await anEvent(emulator, stream);
      emulator.org.create('Lead', { Name: { LastName: 'other' } });
      emulator.faults.expireReplayIds({ topic: TOPIC });
      await expectRefused(client, replayId);
      expect(emulator.log(TOPIC)).to.be.empty;
      expect(emulator.log(OTHER_TOPIC)).to.have.length(1);
      expect(emulator.log('/data/ChangeEvents')).to.have.length(2);
      await expectAccepted(emulator, client, replayId, OTHER_TOPIC);
      await expectAccepted(emulator, client, replayId, '/data/ChangeEvents');
    }));
});

describe('resetOrg', () => {
  it('ends streams, forgets events and positions, and counts on elsewhere', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      const ids = [await anEvent(emulator, stream), await aKeepalive(emulator, stream)];
      emulator.faults.resetOrg();
      expect(await stream.status).to.include({ code: status.OK });
      expect(emulator.log(TOPIC)).to.be.empty;
      const next = await liveStream(emulator, client);
      const after = await anEvent(emulator, next);
      expect(emulator.log(TOPIC)).to.have.length(1);
      for (const replayId of ids) {
        await expectRefused(client, replayId);
        expect(Math.abs(numberOf(after) - numberOf(replayId))).to.be.above(1_000_000);
      }
      await expectAccepted(emulator, client, after);
    }));

  it('leaves records and sessions, when the log goes', () =>
    withEmulator({}, async ({ org, faults }, client) => {
      const id = org.create('Account', { Name: 'a' });
      faults.resetOrg();
      expect(org.record('Account', id)).to.include({ Name: 'a' });
      await client.call('GetTopic', { topicName: TOPIC });
    }));
});

describe('A fault of the log', () => {
  it('throws a ConfigurationError and does nothing, when its options are not valid', () =>
    withEmulator({}, ({ faults, org, log }) => {
      org.create('Account', { Name: 'a' });
      const wrong: readonly (readonly [() => unknown, string])[] = [
        [() => faults.expireReplayIds({ topic: '/data/None' }), 'no topic "/data/None"'],
        [() => faults.expireReplayIds('all' as never), 'expireReplayIds takes an object'],
        [() => faults.corruptPayload({ times: 0 }), 'corruptPayload: times'],
        [() => faults.corruptPayload({ topic: '/data/None' }), 'no topic'],
        [() => faults.switchSchema('None'), 'no object "None"'],
        [() => faults.switchSchema(undefined as never), 'switchSchema: entity takes a string'],
      ];
      for (const [order, message] of wrong) {
        expect(order).to.throw(ConfigurationError, message);
      }
      expect(log(TOPIC)).to.have.length(1);
      return Promise.resolve();
    }));
});

async function anEvent({ org }: Emulator, stream: RawStream): Promise<Buffer> {
  org.create('Account', { Name: 'a' });
  return (await stream.next()).events[0]!.replayId;
}

async function aKeepalive(emulator: Emulator, stream: RawStream): Promise<Buffer> {
  emulator.keepalive();
  const { events, latestReplayId } = await stream.next();
  expect(events).to.be.empty;
  return latestReplayId;
}

async function expectRefused(client: RawClient, replayId: Buffer): Promise<void> {
  const ended = await client.open().request({ topicName: TOPIC, replayPreset: 2, replayId, numRequested: 5 }).status;
  expect(ended.code).to.equal(status.INVALID_ARGUMENT);
  expect(trailersOf(ended)['error-code']).to.equal(CORRUPTED);
}

async function expectAccepted(
  emulator: Emulator,
  client: RawClient,
  replayId: Buffer,
  topicName = TOPIC,
): Promise<void> {
  const stream = await liveStream(emulator, client, { topicName, replayPreset: 2, replayId });
  emulator.keepalive();
  await stream.next();
}

/** What a client must never do: the first eight bytes as a number. */
function numberOf(replayId: Buffer): number {
  return Number(replayId.readBigUInt64BE());
}

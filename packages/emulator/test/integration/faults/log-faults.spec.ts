import { status } from '@grpc/grpc-js';
import type { WireSchemaInfo } from '@rxforce/core/codec';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import type { EntityInfo, Emulator } from '../../../src/index.js';
import { COMPOUND_TYPES } from '../../../src/org/field.js';
import { decodeEvent } from '../../support/decoding.js';
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

describe('switchSchema', () => {
  it('writes what comes with a schema that has a new field in the middle, and leaves what is there', () =>
    withEmulator({}, async (emulator, client) => {
      const { org, faults } = emulator;
      const before = entityNamed(emulator, 'Account');
      const stream = await liveStream(emulator, client);
      const id = org.create('Account', { Name: 'a' });
      const schemaId = faults.switchSchema('Account');
      const after = entityNamed(emulator, 'Account');
      const added = after.fields.find((field) => !before.fields.includes(field))!;
      expect(after.schemaId).to.equal(schemaId).and.not.to.equal(before.schemaId);
      expect(after.fields.filter((field) => field !== added)).to.deep.equal(before.fields);
      expect(after.fields.indexOf(added)).to.be.within(5, before.fields.length - 5);

      org.update('Account', id, { Site: 'b', [added]: 'new', Headquarters__c: { Latitude: 1 }, Tax_Number__c: 'c' });
      const [created, updated] = (await stream.events(2)).flatMap(({ events }) => events);
      expect([created, updated].map((event) => event!.event!.schemaId)).to.deep.equal([before.schemaId, schemaId]);
      expect((await decodeEvent(client, created!)).data).to.include({ Name: 'a' });
      const { header, data } = await decodeEvent(client, updated!);
      const { LastModifiedDate, ...changed } = data;
      expect(LastModifiedDate).to.be.a('number');
      expect(changed).to.deep.equal({
        Site: 'b',
        [added]: 'new',
        Headquarters__c: { Latitude: 1, Longitude: null },
        Tax_Number__c: 'c',
      });
      const names = ['Site', 'LastModifiedDate', added, 'Tax_Number__c', 'Headquarters__c.Latitude'];
      expect(await namesOf(client, schemaId, header.changedFields)).to.have.members(names);
      expect(await client.call('GetTopic', { topicName: TOPIC })).to.include({ schemaId });
    }));

  it('adds another field, when it is said again', () =>
    withEmulator({}, async (emulator, client) => {
      const ids = [entityNamed(emulator, 'Project__c').schemaId];
      ids.push(emulator.faults.switchSchema('Project__c'), emulator.faults.switchSchema('Project__c'));
      expect(new Set(ids).size).to.equal(3);
      for (const schemaId of ids) {
        expect(await client.call('GetSchema', { schemaId })).to.include({ schemaId });
      }
      const { fields } = entityNamed(emulator, 'Project__c');
      expect(new Set(fields).size).to.equal(fields.length);
      expect(entityNamed(emulator, 'Account').fields.filter((field) => field.startsWith('Added'))).to.be.empty;
    }));

  it('leaves a transaction that has begun with the schema it began with', () =>
    withEmulator({}, async (emulator, client) => {
      const { schemaId } = entityNamed(emulator, 'Account');
      const stream = await liveStream(emulator, client);
      emulator.org.transaction((tx) => {
        tx.create('Account', { Name: 'a' });
        emulator.faults.switchSchema('Account');
        tx.create('Account', { Name: 'b' });
      });
      const events = (await stream.events(2)).flatMap((response) => response.events);
      expect(events.map(({ event }) => event!.schemaId)).to.deep.equal([schemaId, schemaId]);
      await Promise.all(events.map((event) => decodeEvent(client, event)));
    }));
});

describe('corruptPayload', () => {
  it('stores the next payloads so that nobody can decode them', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      emulator.faults.corruptPayload({ times: 2 });
      for (const Name of ['a', 'b', 'c']) {
        emulator.org.create('Account', { Name });
      }
      const live = (await stream.events(3)).flatMap(({ events }) => events);
      const replayed = await client.open().request({ topicName: TOPIC, replayPreset: 1, numRequested: 5 }).events(3);
      expect(replayed.flatMap(({ events }) => events)).to.deep.equal(live);
      for (const event of live.slice(0, 2)) {
        expect(event.event!.schemaId).to.equal(entityNamed(emulator, 'Account').schemaId);
        expect(await decodeEvent(client, event).catch(String)).to.match(/^Error: truncated buffer/);
      }
      expect((await decodeEvent(client, live[2]!)).data).to.include({ Name: 'c' });
    }));

  it('waits for an event of the topic, when one is named', () =>
    withEmulator({}, async (emulator, client) => {
      emulator.faults.corruptPayload({ topic: OTHER_TOPIC });
      const stream = await liveStream(emulator, client, { topicName: '/data/ChangeEvents' });
      emulator.org.create('Account', { Name: 'a' });
      emulator.org.create('Lead', { Name: { LastName: 'a' } });
      emulator.org.create('Lead', { Name: { LastName: 'b' } });
      const events = (await stream.events(3)).flatMap((response) => response.events);
      const decodes = await Promise.all(
        events.map((event) =>
          decodeEvent(client, event).then(
            () => true,
            () => false,
          ),
        ),
      );
      expect(decodes).to.deep.equal([true, false, true]);
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

function entityNamed({ org }: Emulator, name: string): EntityInfo {
  return org.entities().find((entity) => entity.name === name)!;
}

/** The fields that bitmaps name, read with the schema as it is served. */
async function namesOf(client: RawClient, schemaId: string, bitmaps: readonly string[]): Promise<string[]> {
  const { schemaJson } = await client.call<WireSchemaInfo>('GetSchema', { schemaId });
  const { fields } = JSON.parse(schemaJson) as { fields: { name: string; type: unknown[] }[] };
  return bitmaps.flatMap((bitmap) => {
    const [own = '', child] = bitmap.split('-');
    const parent = child === undefined ? undefined : fields[Number(own)]!;
    const names = parent === undefined ? fields.map(({ name }) => name) : Object.keys(COMPOUND_TYPES.Location);
    return positionsIn(child ?? own).map((at) => (parent === undefined ? names[at]! : `${parent.name}.${names[at]!}`));
  });
}

function positionsIn(hex: string): number[] {
  const bits = BigInt(hex).toString(2);
  return Array.from(bits, (bit, index) => (bit === '1' ? bits.length - 1 - index : -1)).filter((at) => at >= 0);
}

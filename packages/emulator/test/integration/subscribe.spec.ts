import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { trailersOf } from '../support/raw-client.js';
import { decodeEvent } from '../support/decoding.js';
import { timerOf } from '../support/timer-of.js';
import { until } from '../support/until.js';
import { withEmulator } from '../support/with-emulator.js';
import { withOwnTime } from '../support/with-own-time.js';
import { PREFIX, TOPIC } from '../support/fetches.js';

const EARLIEST = { topicName: TOPIC, replayPreset: 1 } as const;

describe('Subscribe', () => {
  it('delivers events from now on, when no replay preset is given', () =>
    withEmulator({}, async ({ org, subscriptions }, client) => {
      org.create('Account', { Name: 'before' });
      const stream = client.open().request({ topicName: TOPIC, numRequested: 5 });
      await until(() => subscriptions()[0]?.pending === 5);
      org.create('Account', { Name: 'after' });
      const { events, pendingNumRequested } = await stream.next();
      expect(events).to.have.length(1);
      expect((await decodeEvent(client, events[0]!)).data).to.include({ Name: 'after' });
      expect(pendingNumRequested).to.equal(4);
    }));

  it('delivers everything retained in order, when it starts at the earliest', () =>
    withEmulator({}, async ({ org }, client) => {
      const ids = ['a', 'b', 'c'].map((Name) => org.create('Account', { Name }));
      const responses = await client
        .open()
        .request({ ...EARLIEST, numRequested: 3 })
        .events(3);
      const events = responses.flatMap((response) => response.events);
      const decoded = await Promise.all(events.map((event) => decodeEvent(client, event)));
      expect(decoded.flatMap(({ header }) => header.recordIds)).to.deep.equal(ids);
    }));

  it('starts behind the given event, when a replay id is given', () =>
    withEmulator({}, async ({ org }, client) => {
      const ids = ['a', 'b', 'c'].map((Name) => org.create('Account', { Name }));
      const [first] = await client
        .open()
        .request({ ...EARLIEST, numRequested: 1 })
        .events(1);
      const { replayId } = first!.events[0]!;
      expect(replayId).to.have.length(10);
      const stream = client.open().request({ topicName: TOPIC, replayPreset: 2, replayId, numRequested: 2 });
      const events = (await stream.events(2)).flatMap((response) => response.events);
      const decoded = await Promise.all(events.map((event) => decodeEvent(client, event)));
      expect(decoded.flatMap(({ header }) => header.recordIds)).to.deep.equal(ids.slice(1));
    }));

  it('takes a replay id of eight bytes, when the last two are left out', () =>
    withEmulator({}, async ({ org }, client) => {
      org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      const [first] = await client
        .open()
        .request({ ...EARLIEST, numRequested: 1 })
        .events(1);
      const replayId = first!.events[0]!.replayId.subarray(0, 8);
      const stream = client.open().request({ topicName: TOPIC, replayPreset: 2, replayId, numRequested: 1 });
      expect((await stream.next()).events).to.have.length(1);
    }));

  it('delivers the changes of all objects on one channel, when it is /data/ChangeEvents', () =>
    withEmulator({}, async ({ org }, client) => {
      org.create('Account', { Name: 'a' });
      org.create('Project__c', { Name: 'p' });
      const stream = client.open().request({ topicName: '/data/ChangeEvents', replayPreset: 1, numRequested: 2 });
      const events = (await stream.events(2)).flatMap((response) => response.events);
      const decoded = await Promise.all(events.map((event) => decodeEvent(client, event)));
      expect(decoded.map(({ header }) => header.entityName)).to.deep.equal(['Account', 'Project__c']);
    }));

  it('delivers no more than was asked for, and says what is left', () =>
    withEmulator({}, async ({ org }, client) => {
      org.create(
        'Account',
        Array.from({ length: 10 }, (_, index) => ({ Name: `a${index}` })),
      );
      const stream = client.open().request({ ...EARLIEST, numRequested: 4 });
      const first = await stream.next();
      expect([first.events.length, first.pendingNumRequested]).to.deep.equal([4, 0]);
      stream.request({ topicName: TOPIC, numRequested: 8 });
      const second = await stream.next();
      expect([second.events.length, second.pendingNumRequested]).to.deep.equal([6, 2]);
    }));

  it('counts requests together up to 100, when more is asked for', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = client.open().request({ topicName: TOPIC, numRequested: 60 });
      stream.request({ topicName: TOPIC, numRequested: 60 }).request({ topicName: TOPIC, numRequested: 500 });
      await until(() => emulator.subscriptions()[0]?.requested === 620);
      expect(emulator.subscriptions()).to.deep.equal([
        { topic: TOPIC, pending: 100, delivered: 0, requested: 620, maxPending: 100, keepalives: 0 },
      ]);
      emulator.org.create(
        'Account',
        Array.from({ length: 130 }, (_, index) => ({ Name: `a${index}` })),
      );
      const response = await stream.next();
      expect([response.events.length, response.pendingNumRequested]).to.deep.equal([100, 0]);
      expect(emulator.subscriptions()[0]).to.include({ pending: 0, delivered: 100 });
    }));

  it('splits responses, when it is told to', () =>
    withEmulator({ maxEventsPerResponse: 3 }, async ({ org }, client) => {
      org.create(
        'Account',
        Array.from({ length: 7 }, (_, index) => ({ Name: `a${index}` })),
      );
      const responses = await client
        .open()
        .request({ ...EARLIEST, numRequested: 10 })
        .events(7);
      expect(responses.map(({ events }) => events.length)).to.deep.equal([3, 3, 1]);
      expect(responses.map(({ pendingNumRequested }) => pendingNumRequested)).to.deep.equal([7, 4, 3]);
    }));

  it('sends one response, when a transaction makes several events', () =>
    withEmulator({}, async ({ org, subscriptions }, client) => {
      const stream = client.open().request({ topicName: '/data/ChangeEvents', numRequested: 10 });
      await until(() => subscriptions()[0]?.pending === 10);
      org.transaction((tx) => {
        tx.create('Account', { Name: 'a' });
        tx.create('Contact', { Name: { LastName: 'b' } });
      });
      expect((await stream.next()).events).to.have.length(2);
    }));

  it('ignores another replay option, when it is not the first request', () =>
    withEmulator({}, async ({ org }, client) => {
      org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      const stream = client.open().request({ ...EARLIEST, numRequested: 1 });
      const first = await stream.next();
      stream.request({ topicName: '', replayPreset: 2, replayId: Buffer.from('nonsense'), numRequested: 1 });
      const second = await stream.next();
      expect(second.events).to.have.length(1);
      expect(second.events[0]!.replayId).not.to.deep.equal(first.events[0]!.replayId);
    }));

  it('keeps responses in order and late, when they are delayed', () =>
    withEmulator({ responseDelayMs: 20, maxEventsPerResponse: 1 }, async ({ org }, client) => {
      org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      const due = timerOf(18);
      const responses = await client
        .open()
        .request({ ...EARLIEST, numRequested: 2 })
        .events(2);
      expect(due.isOver).to.equal(true);
      expect(responses.map(({ pendingNumRequested }) => pendingNumRequested)).to.deep.equal([1, 0]);
    }));

  it('holds events back, when the client does not read what it asked for', () =>
    withEmulator({ maxEventsPerResponse: 1 }, async ({ org, subscriptions }, client) => {
      const Description = 'x'.repeat(20_000);
      const ids = Array.from({ length: 100 }, (_, index) => org.create('Account', { Name: `a${index}`, Description }));
      const stream = client.open().request({ ...EARLIEST, numRequested: 100 });
      stream.stream.pause();
      await until(() => (subscriptions()[0]?.delivered ?? 0) > 0);
      await client.fail('GetSchema', { schemaId: 'none' });
      expect(subscriptions()[0]?.delivered).to.be.below(100);
      stream.stream.resume();
      const events = (await stream.events(100)).flatMap((response) => response.events);
      const decoded = await Promise.all(events.map((event) => decodeEvent(client, event)));
      expect(decoded.flatMap(({ header }) => header.recordIds)).to.deep.equal(ids);
    }));
});

describe('Subscribe, in time', () => {
  it('tells the newest position, when nothing happens while demand stands', () =>
    withEmulator({ keepaliveMs: 20, idleCloseMs: 60_000 }, async ({ org }, client) => {
      org.create('Account', { Name: 'a' });
      const stream = client.open().request({ topicName: TOPIC, numRequested: 5 });
      const keepalive = await stream.next();
      expect(keepalive).to.include({ pendingNumRequested: 5 }).and.have.property('events').that.is.empty;
      const again = await stream.next();
      expect(again.latestReplayId).to.have.length(10).and.not.to.deep.equal(keepalive.latestReplayId);
      org.create('Account', { Name: 'b' });
      const replayId = again.latestReplayId;
      const resumed = client.open().request({ topicName: TOPIC, replayPreset: 2, replayId, numRequested: 5 });
      expect((await decodeEvent(client, (await resumed.next()).events[0]!)).data).to.include({ Name: 'b' });
    }));

  it('ends the stream with OK, when nothing is asked for in time', () =>
    withEmulator({ keepaliveMs: 60_000, idleCloseMs: 100 }, async (emulator, client) => {
      emulator.org.create('Account', { Name: 'a' });
      const stream = client.open().request({ ...EARLIEST, numRequested: 1 });
      expect((await stream.next()).events).to.have.length(1);
      expect(await stream.status).to.include({ code: status.OK });
      expect(emulator.subscriptions()).to.be.empty;
    }));

  it('ends the stream, when it is opened and nothing is ever asked for', () =>
    withEmulator({ idleCloseMs: 20 }, async (_emulator, client) => {
      expect(await client.open().status).to.include({ code: status.OK });
    }));

  it('keeps the stream, when more is asked for before the time is up', () =>
    withOwnTime({ keepaliveMs: 500, idleCloseMs: 200 }, async ({ org, subscriptions }, client, pass) => {
      org.create('Account', { Name: 'a' });
      const stream = client.open().request({ ...EARLIEST, numRequested: 1 });
      await stream.next();
      pass(199);
      stream.request({ topicName: TOPIC, numRequested: 1 });
      await until(() => subscriptions()[0]?.pending === 1);
      // Long after the idle time, the sign of life of a stream with demand.
      pass(500);
      expect((await stream.next()).events).to.be.empty;
    }));

  it('delivers what is there and ends with OK, when the client ends its side', () =>
    withEmulator({}, async ({ org }, client) => {
      org.create('Account', { Name: 'a' });
      const stream = client.open().request({ ...EARLIEST, numRequested: 5 });
      stream.stream.end();
      expect((await stream.next()).events).to.have.length(1);
      expect(await stream.status).to.include({ code: status.OK });
    }));

  it('delivers all that was asked for, when the client ends its side and reads late', () =>
    withEmulator({ maxEventsPerResponse: 1 }, async ({ org, subscriptions }, client) => {
      const Description = 'x'.repeat(20_000);
      org.create(
        'Account',
        Array.from({ length: 100 }, (_, index) => ({ Name: `a${index}`, Description })),
      );
      const stream = client.open().request({ ...EARLIEST, numRequested: 100 });
      stream.stream.pause();
      stream.stream.end();
      await until(() => (subscriptions()[0]?.delivered ?? 0) > 0);
      stream.stream.resume();
      expect(await stream.events(100)).to.have.length(100);
      expect(await stream.status).to.include({ code: status.OK });
    }));

  it('forgets the call, when the client cancels it', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = client.open().request({ topicName: TOPIC, numRequested: 5 });
      await until(() => emulator.subscriptions().length === 1);
      stream.stream.cancel();
      emulator.org.create('Account', { Name: 'a' });
      await until(() => emulator.subscriptions().length === 0);
      expect(await stream.status).to.include({ code: status.CANCELLED });
    }));

  it('ends streams with UNAVAILABLE, when the emulator stops', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = client.open().request({ topicName: TOPIC, numRequested: 5 });
      await until(() => emulator.subscriptions().length === 1);
      await emulator.stop();
      expect(await stream.status).to.include({ code: status.UNAVAILABLE });
    }));

  it('does not know a replay id any more, when it is older than the retention', () => {
    let time = 1_700_000_000_000;
    return withEmulator({ retentionMs: 1000, now: () => time }, async ({ org }, client) => {
      org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      const [first] = await client
        .open()
        .request({ ...EARLIEST, numRequested: 1 })
        .events(1);
      time += 1001;
      org.create('Account', { Name: 'c' });
      const { replayId } = first!.events[0]!;
      const custom = client.open().request({ topicName: TOPIC, replayPreset: 2, replayId, numRequested: 1 });
      expect(trailersOf(await custom.status)).to.include({
        'error-code': `${PREFIX}subscription.fetch.replayid.corrupted`,
      });
      const earliest = await client
        .open()
        .request({ ...EARLIEST, numRequested: 5 })
        .next();
      expect(earliest.events).to.have.length(1);
    });
  });
});

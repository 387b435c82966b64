import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import type { Emulator } from '../../../src/index.js';
import { liveStream, TOPIC } from '../../support/live-stream.js';
import type { RawStream } from '../../support/raw-client.js';
import { timerOf } from '../../support/timer-of.js';
import { until } from '../../support/until.js';
import { withEmulator } from '../../support/with-emulator.js';

const OTHER_TOPIC = '/data/LeadChangeEvent';

describe('slow', () => {
  it('delays responses from now on, and stops doing so, when it is told', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      emulator.faults.slow({ responseDelayMs: 20 });
      const due = timerOf(18);
      emulator.org.create('Account', { Name: 'a' });
      await stream.next();
      expect(due.isOver).to.equal(true);
      emulator.faults.slow({ responseDelayMs: 1_000_000 });
      let answered = false;
      const call = client.call('GetTopic', { topicName: TOPIC }).then(
        () => (answered = true),
        () => undefined,
      );
      // Heard behind the call, which is on the same connection.
      await liveStream(emulator, client);
      emulator.faults.slow({ responseDelayMs: 0 });
      await client.call('GetTopic', { topicName: TOPIC });
      await emulator.stop();
      await call;
      expect(answered).to.equal(false);
    }));

  it('keeps the order of a stream, when its responses become faster', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      const create = async (Name: string, delivered: number) => {
        emulator.org.create('Account', { Name });
        await until(() => emulator.subscriptions()[0]?.delivered === delivered);
      };
      emulator.faults.slow({ responseDelayMs: 30 });
      await create('a', 1);
      emulator.faults.slow({ responseDelayMs: 0 });
      await create('b', 2);
      emulator.faults.slow({ responseDelayMs: 5 });
      await create('c', 3);
      expect(idsOf(await stream.events(3))).to.deep.equal(emulator.log(TOPIC).map(({ id }) => id));
    }));
});

describe('responses', () => {
  it('splits what streams are sent, when there is a most', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client, { numRequested: 20 });
      emulator.faults.responses({ maxEvents: 2 });
      create(emulator, 5);
      const split = await stream.events(5);
      expect(split.map(({ events }) => events.length)).to.deep.equal([2, 2, 1]);
      emulator.faults.responses({});
      create(emulator, 5);
      expect((await stream.next()).events).to.have.length(5);
      expect(emulator.subscriptions()[0]).to.include({ pending: 10, delivered: 10 });
    }));

  it('merges events of several turns, when they fill what is asked for', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client, { numRequested: 3 });
      emulator.faults.responses({ merge: true, mergeMs: 1_000_000 });
      for (let turn = 0; turn < 3; turn++) {
        expect(emulator.subscriptions()[0]).to.include({ delivered: 0 });
        create(emulator, 1);
        await setImmediate();
      }
      expect((await stream.next()).events).to.have.length(3);
    }));

  it('merges into responses of a size, when there is a most', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client, { numRequested: 10 });
      emulator.faults.responses({ merge: true, mergeMs: 1_000_000, maxEvents: 2 });
      for (let turn = 0; turn < 4; turn++) {
        create(emulator, 1);
        await setImmediate();
      }
      expect((await stream.events(4)).map(({ events }) => events.length)).to.deep.equal([2, 2]);
    }));

  it('holds events back no longer than was said, when no more come', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client, { numRequested: 10 });
      emulator.faults.responses({ merge: true, mergeMs: 15 });
      const due = timerOf(13);
      create(emulator, 1);
      expect((await stream.next()).events).to.have.length(1);
      expect(due.isOver).to.equal(true);
    }));

  it('loses none that it holds back, when a keepalive or the end of the requests comes', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client, { numRequested: 10 });
      emulator.faults.responses({ merge: true, mergeMs: 1_000_000 });
      create(emulator, 1);
      await setImmediate();
      emulator.keepalive();
      expect((await stream.next()).events).to.have.length(1);
      expect((await stream.next()).events).to.be.empty;
      create(emulator, 1);
      await setImmediate();
      expect(emulator.subscriptions()[0]).to.include({ delivered: 1 });
      stream.stream.end();
      expect((await stream.next()).events).to.have.length(1);
    }));
});

describe('redeliver', () => {
  it('sends the last events again, before it goes on', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client, { numRequested: 10 });
      create(emulator, 3);
      const before = await stream.events(3);
      expect(emulator.faults.redeliver({ events: 2 })).to.equal(2);
      create(emulator, 1);
      const after = await stream.events(3);
      const [, second, third, fourth] = emulator.log(TOPIC).map(({ id }) => id);
      expect(idsOf(after)).to.deep.equal([second, third, fourth]);
      expect(after.at(-1)?.pendingNumRequested).to.equal(4);
      const [again] = after;
      const bytes = before.flatMap(({ events }) => events.map(({ replayId }) => replayId));
      expect(again!.events.map(({ replayId }) => replayId)).to.deep.equal(bytes.slice(1));
      expect(again!.latestReplayId).to.deep.equal(bytes[2]);
    }));

  it('waits for demand, when there is none', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client, { numRequested: 2 });
      create(emulator, 3);
      await stream.events(2);
      emulator.faults.redeliver({ events: 2 });
      expect(emulator.subscriptions()[0]).to.include({ pending: 0, delivered: 2 });
      stream.request({ topicName: TOPIC, numRequested: 1 });
      const [first, second, third] = emulator.log(TOPIC).map(({ id }) => id);
      expect(idsOf(await stream.events(1))).to.deep.equal([first]);
      stream.request({ topicName: TOPIC, numRequested: 2 });
      expect(idsOf(await stream.events(2))).to.deep.equal([second, third]);
    }));

  it('sends nothing that a stream was never given, when more is asked for', () =>
    withEmulator({}, async (emulator, client) => {
      create(emulator, 2);
      const stream = await liveStream(emulator, client, { numRequested: 10 });
      create(emulator, 1);
      await stream.events(1);
      expect(emulator.faults.redeliver({ events: 100 })).to.equal(1);
      expect(idsOf(await stream.events(1))).to.deep.equal([emulator.log(TOPIC)[2]!.id]);
      emulator.keepalive();
      expect((await stream.next()).events).to.be.empty;
    }));

  it('leaves the streams of other topics, when a topic is named', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client, { numRequested: 10 });
      create(emulator, 1);
      await stream.events(1);
      expect(emulator.faults.redeliver({ events: 1, topic: OTHER_TOPIC })).to.equal(0);
      emulator.keepalive();
      expect((await stream.next()).events).to.be.empty;
    }));
});

describe('A fault of responses', () => {
  it('throws a ConfigurationError and does nothing, when its options are not valid', () =>
    withEmulator({}, async (emulator, client) => {
      const { faults } = emulator;
      const stream = await liveStream(emulator, client);
      const wrong: readonly (readonly [() => unknown, string])[] = [
        [() => faults.slow({ responseDelayMs: -1 }), 'slow: responseDelayMs is -1, but must be a whole number from 0'],
        [() => faults.slow({} as never), 'slow: responseDelayMs is undefined, but must be'],
        [
          () => faults.responses({ maxEvents: 101 }),
          'responses: maxEvents is 101, but must be a whole number from 1 to 100',
        ],
        [() => faults.responses({ merge: true, mergeMs: 0 }), 'responses: mergeMs'],
        [() => faults.redeliver({ events: 0 }), 'redeliver: events'],
        [() => faults.redeliver({ events: 1, topic: '/data/None' }), 'no topic "/data/None"'],
      ];
      for (const [order, message] of wrong) {
        expect(order).to.throw(ConfigurationError, message);
      }
      create(emulator, 5);
      expect((await stream.next()).events).to.have.length(5);
    }));
});

function create({ org }: Emulator, count: number): void {
  for (let index = 0; index < count; index++) {
    org.create('Account', { Name: `a${index}` });
  }
}

function idsOf(responses: Awaited<ReturnType<RawStream['events']>>): string[] {
  return responses.flatMap(({ events }) => events.map(({ event }) => event!.id));
}

import { type ServiceError, status } from '@grpc/grpc-js';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import type { AnswerOptions, FaultError } from '../../../src/index.js';
import { liveStream, TOPIC } from '../../support/live-stream.js';
import { trailersOf } from '../../support/raw-client.js';
import { until } from '../../support/until.js';
import { withEmulator } from '../../support/with-emulator.js';

const PREFIX = 'sfdc.platform.eventbus.grpc.';
const OTHER_TOPIC = '/data/LeadChangeEvent';

describe('dropStreams', () => {
  for (const tls of [false, true]) {
    it(`ends streams by RST_STREAM, ${tls ? 'over TLS' : 'in plaintext'}`, () =>
      withEmulator({ tls }, async (emulator, client) => {
        const fresh = await liveStream(emulator, client);
        const used = await liveStream(emulator, client);
        emulator.org.create('Account', { Name: 'a' });
        await used.next();
        expect(emulator.faults.dropStreams()).to.equal(2);
        for (const stream of [fresh, used]) {
          const ended = await stream.status;
          expect(ended).to.include({
            code: status.INTERNAL,
            details: 'Received RST_STREAM with code 2 (Internal server error)',
          });
          expect(trailersOf(ended)).to.not.have.any.keys('error-code', 'rpc-id');
        }
        expect(emulator.subscriptions()).to.be.empty;
      }));
  }

  it('leaves the streams of other topics, when a topic is named', () =>
    withEmulator({}, async (emulator, client) => {
      const dropped = await liveStream(emulator, client);
      const left = await liveStream(emulator, client, { topicName: OTHER_TOPIC });
      expect(emulator.faults.dropStreams({ topic: TOPIC })).to.equal(1);
      expect(await dropped.status).to.include({ code: status.INTERNAL });
      expect(emulator.subscriptions().map(({ topic }) => topic)).to.deep.equal([OTHER_TOPIC]);
      emulator.org.create('Lead', { Name: { LastName: 'a' } });
      expect((await left.next()).events).to.have.length(1);
    }));
});

describe('endStreams', () => {
  it('ends streams with OK, after what was sent', () =>
    withEmulator({ responseDelayMs: 5 }, async (emulator, client) => {
      emulator.org.create('Account', { Name: 'a' });
      const stream = await liveStream(emulator, client, { replayPreset: 1 });
      expect(emulator.faults.endStreams({ topic: TOPIC })).to.equal(1);
      expect((await stream.next()).events).to.have.length(1);
      expect(await stream.status).to.include({ code: status.OK });
      expect(emulator.faults.endStreams()).to.equal(0);
    }));
});

describe('failStreams', () => {
  it('ends streams with status and trailers of the service, when an error code is given', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      const error: FaultError = { status: 'INTERNAL', errorCode: 'service.unavailable', details: 'Down for a while.' };
      expect(emulator.faults.failStreams(error)).to.equal(1);
      const ended = await stream.status;
      const trailers = trailersOf(ended);
      expect(ended).to.include({ code: status.INTERNAL, details: `Down for a while. rpcId: ${trailers['rpc-id']!}` });
      expect(trailers).to.include({ 'error-code': `${PREFIX}service.unavailable` });
      expect(trailers['rpc-id']).to.match(/^[\da-f-]{36}$/);
    }));

  it('ends streams with nothing but a status, when no error code is given', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      const left = await liveStream(emulator, client, { topicName: OTHER_TOPIC });
      emulator.faults.failStreams({ status: 14, details: 'upstream connect error' }, { topic: TOPIC });
      const ended = await stream.status;
      expect(ended).to.include({ code: status.UNAVAILABLE, details: 'upstream connect error' });
      expect(trailersOf(ended)).to.not.have.any.keys('error-code', 'rpc-id', 'type');
      emulator.keepalive();
      await left.next();
    }));
});

describe('answer', () => {
  const calls = [
    ['GetTopic', { topicName: TOPIC }],
    ['GetSchema', { schemaId: '' }],
    ['Publish', { topicName: '/event/Order_Event__e', events: [] }],
  ] as const;
  for (const [method, request] of calls) {
    it(`answers ${method} with the error as often as was said, and other methods as ever`, () =>
      withEmulator({}, async ({ faults }, client) => {
        const [otherMethod, otherRequest] = method === 'GetTopic' ? calls[1] : calls[0];
        const usual = await codeOf(client.call(otherMethod, otherRequest));
        const error: AnswerOptions = { status: 'RESOURCE_EXHAUSTED', errorCode: 'service.protection.triggered' };
        faults.answer({ ...error, method, times: 2 });
        expect(await codeOf(client.call(otherMethod, otherRequest))).to.equal(usual);
        for (let time = 0; time < 2; time++) {
          const failed = await client.fail(method, request);
          expect(failed.code).to.equal(status.RESOURCE_EXHAUSTED);
          expect(trailersOf(failed)['error-code']).to.equal(`${PREFIX}service.protection.triggered`);
          expect(failed.details).to.match(/^A fault on command\. rpcId: /);
        }
        expect(await codeOf(client.call(method, request))).to.not.equal(status.RESOURCE_EXHAUSTED);
      }));
  }

  it('answers the next call of any method once, when nothing else is said', () =>
    withEmulator({}, async (emulator, client) => {
      emulator.faults.answer({ status: 'UNAVAILABLE' });
      emulator.faults.answer({ status: 'INTERNAL', method: 'GetTopic' });
      expect(await client.open().status).to.include({ code: status.UNAVAILABLE });
      expect(await client.fail('GetTopic', { topicName: TOPIC })).to.include({ code: status.INTERNAL });
      await client.call('GetTopic', { topicName: TOPIC });
      await liveStream(emulator, client);
    }));

  it('leaves live streams, when it is for new ones', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      emulator.faults.answer({ status: 'INTERNAL', errorCode: 'service.unavailable', method: 'Subscribe', times: 3 });
      for (let time = 0; time < 3; time++) {
        const ended = await client.open().request({ topicName: TOPIC, numRequested: 1 }).status;
        expect(trailersOf(ended)['error-code']).to.equal(`${PREFIX}service.unavailable`);
      }
      await liveStream(emulator, client);
      emulator.org.create('Account', { Name: 'a' });
      expect((await stream.next()).events).to.have.length(1);
    }));
});

describe('keepalive', () => {
  it('tells streams with demand the newest position, behind the events that are there', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      const idle = await liveStream(emulator, client, { numRequested: 1 });
      emulator.org.create('Account', { Name: 'a' });
      emulator.keepalive();
      expect((await stream.next()).events).to.have.length(1);
      const keepalive = await stream.next();
      expect(keepalive).to.deep.include({ events: [], pendingNumRequested: 4 });
      expect((await idle.next()).pendingNumRequested).to.equal(0);
      emulator.faults.endStreams();
      expect(await idle.next().catch(String)).to.match(/ended with 0/);
      emulator.org.create('Account', { Name: 'b' });
      const { latestReplayId: replayId } = keepalive;
      const resumed = client.open().request({ topicName: TOPIC, replayPreset: 2, replayId, numRequested: 5 });
      const [, second] = emulator.log(TOPIC);
      expect((await resumed.next()).events.map(({ event }) => event!.id)).to.deep.equal([second!.id]);
    }));
});

describe('log', () => {
  it('holds what a client is given, in its order', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      emulator.org.create('Account', { Name: 'a' });
      emulator.org.create('Lead', { Name: { LastName: 'other topic' } });
      emulator.org.create('Account', { Name: 'b' });
      const responses = await stream.events(2);
      const given = responses.flatMap(({ events }) =>
        events.map(({ event, replayId }) => ({ replayId: replayId.toString('base64'), id: event!.id })),
      );
      expect(emulator.log(TOPIC)).to.deep.equal(given).and.have.length(2);
    }));

  it('throws a ConfigurationError, when there is no such topic', () =>
    withEmulator({}, ({ log }) => {
      expect(() => log('/data/None')).to.throw(ConfigurationError, 'no topic "/data/None"');
      return Promise.resolve();
    }));
});

describe('A fault of streams', () => {
  it('throws a ConfigurationError and does nothing, when its options are not valid', () =>
    withEmulator({}, async (emulator, client) => {
      const { faults } = emulator;
      await liveStream(emulator, client);
      const wrong: readonly (readonly [() => unknown, string])[] = [
        [() => faults.dropStreams({ topic: '/data/None' }), 'no topic "/data/None"'],
        [() => faults.dropStreams({ topic: 1 } as never), 'dropStreams: topic takes a string, and was given 1'],
        [
          () => faults.endStreams({ topics: TOPIC } as never),
          'endStreams has no option "topics". Did you mean "topic"? The options are topic, method.',
        ],
        [() => faults.endStreams(null as never), 'endStreams takes an object'],
        [() => faults.failStreams({ status: 'OK' }), 'failStreams: status takes a gRPC status other than OK'],
        [() => faults.failStreams({ status: 17 }), 'given 17'],
        [() => faults.failStreams({ status: '13' as never }), "given '13'"],
        [() => faults.failStreams({} as never), 'given undefined'],
        [() => faults.failStreams({ status: 13, errorCode: `${PREFIX}x` }), 'without its prefix'],
        [() => faults.failStreams({ status: 13, errorCode: 'two words' }), 'without its prefix'],
        [() => faults.answer({ status: 13, times: 0 }), 'answer: times is 0, but must be a whole number at least 1'],
        [
          () => faults.answer({ status: 13, method: 'Managed' as never }),
          'one of Subscribe, ManagedSubscribe, PublishStream, GetTopic',
        ],
      ];
      for (const [order, message] of wrong) {
        expect(order).to.throw(ConfigurationError, message);
      }
      expect(emulator.subscriptions()).to.have.length(1);
      await until(() => emulator.subscriptions()[0]?.pending === 5);
      await client.call('GetTopic', { topicName: TOPIC });
    }));
});

/** How a call ends. */
async function codeOf(call: Promise<unknown>): Promise<status> {
  try {
    await call;
    return status.OK;
  } catch (error) {
    return (error as ServiceError).code;
  }
}

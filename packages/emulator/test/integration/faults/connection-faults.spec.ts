import { constants } from 'node:http2';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import type { Emulator } from '../../../src/index.js';
import { Http2Client, type Http2Stream } from '../../support/http2-client.js';
import { liveStream, TOPIC } from '../../support/live-stream.js';
import { RawClient } from '../../support/raw-client.js';
import { until } from '../../support/until.js';
import { withHttp2 } from '../../support/with-http2.js';

const REQUEST = { topicName: TOPIC, numRequested: 5 } as const;

describe('dropStreams, on the wire', () => {
  it('resets the stream with INTERNAL_ERROR, and leaves the connection to others', () =>
    withHttp2({}, async (emulator, http2) => {
      for (let time = 0; time < 3; time++) {
        const { stream } = await subscribed(emulator, http2);
        emulator.faults.dropStreams();
        await until(() => stream.closed);
        expect(stream.rstCode).to.equal(constants.NGHTTP2_INTERNAL_ERROR);
      }
      await http2.ping();
      expect(http2.goAway).to.equal(undefined);
    }));
});

describe('goAway', () => {
  for (const tls of [false, true]) {
    it(`says GOAWAY, lets live streams go on, and closes after the last, ${tls ? 'over TLS' : 'in plaintext'}`, () =>
      withHttp2({ tls }, async (emulator, http2) => {
        const stream = await subscribed(emulator, http2);
        emulator.faults.goAway();
        await until(() => http2.goAway !== undefined);
        expect(http2.goAway).to.equal(constants.NGHTTP2_NO_ERROR);
        emulator.org.create('Account', { Name: 'a' });
        await until(() => stream.responses.length === 1);
        expect(http2.session.destroyed).to.equal(false);
        emulator.faults.endStreams();
        stream.stream.end();
        await until(() => http2.session.destroyed);
      }));
  }

  it('serves new connections, when clients make them', () =>
    withHttp2({}, async (emulator, _http2, client) => {
      const before = await liveStream(emulator, client);
      emulator.faults.goAway();
      const other = new RawClient(emulator);
      await other.call('GetTopic', { topicName: TOPIC });
      // The same channel makes a connection of its own accord.
      const after = await liveStream(emulator, client);
      emulator.org.create('Account', { Name: 'a' });
      for (const stream of [before, after]) {
        expect((await stream.next()).events).to.have.length(1);
      }
      other.close();
    }));
});

describe('silence', () => {
  it('sends nothing on live streams any more, and answers pings', () =>
    withHttp2({ idleCloseMs: 1, keepaliveMs: 1000 }, async (emulator, http2, client) => {
      const stream = await subscribed(emulator, http2);
      await expectHeard(emulator, http2, stream);
      const heard = stream.responses.length;
      emulator.faults.silence();
      makeNoise(emulator);
      // Refused on any other stream.
      stream.request({ topicName: '/data/Other', numRequested: 0 });
      await http2.ping();
      await client.call('GetTopic', { topicName: TOPIC });
      await http2.ping();
      expect(stream.responses).to.have.length(heard);
      expect(stream.stream.closed).to.equal(false);
      expect(emulator.subscriptions()).to.be.empty;
      expect([emulator.faults.dropStreams(), emulator.faults.endStreams()]).to.deep.equal([0, 0]);
    }));

  it('drops what was on its way, when responses are delayed', () =>
    withHttp2({ responseDelayMs: 10 }, async (emulator, http2, client) => {
      const stream = await subscribed(emulator, http2);
      emulator.org.create('Account', { Name: 'a' });
      await until(() => emulator.subscriptions()[0]?.delivered === 1);
      emulator.faults.silence();
      // Answered later than the event would have come.
      await client.call('GetTopic', { topicName: TOPIC });
      await http2.ping();
      expect(stream.responses).to.be.empty;
    }));

  it('swallows new calls on the connections there were, and serves new connections', () =>
    withHttp2({}, async (emulator, http2, client) => {
      await http2.ping();
      emulator.faults.silence();
      const swallowed = http2.subscribe(REQUEST);
      await http2.ping();
      expect(emulator.subscriptions()).to.be.empty;
      const healed = await liveStream(emulator, client);
      makeNoise(emulator);
      expect((await healed.next()).events).to.have.length(1);
      await http2.ping();
      expect(swallowed.responses).to.be.empty;
    }));

  it('does not answer pings either, until unsilence(), when it is told so', async () => {
    for (const tls of [false, true]) {
      await withHttp2({ tls }, async (emulator, http2, client) => {
        await http2.ping();
        emulator.faults.silence({ pings: false });
        let answered = false;
        const ping = http2.ping().then(() => (answered = true));
        // New connections are served meanwhile.
        for (let time = 0; time < 30; time++) {
          await client.call('GetTopic', { topicName: TOPIC });
        }
        expect(answered).to.equal(false);
        emulator.faults.unsilence();
        await ping;
      });
    }
  });

  it('is for new connections too, when its scope is all', () =>
    withHttp2({}, async (emulator) => {
      emulator.faults.silence({ scope: 'all' });
      const other = new Http2Client(emulator);
      const swallowed = other.subscribe(REQUEST);
      await other.ping();
      expect(emulator.subscriptions()).to.be.empty;
      emulator.faults.unsilence();
      await expectHeard(emulator, other, await subscribed(emulator, other));
      expect(swallowed.responses).to.be.empty;
      other.close();
    }));

  it('does not even greet new connections, until unsilence(), when pings are not answered', async () => {
    for (const tls of [false, true]) {
      await withHttp2({ tls }, async (emulator) => {
        emulator.faults.silence({ scope: 'all', pings: false });
        const other = new Http2Client(emulator);
        let greeted = false;
        other.session.once('remoteSettings', () => (greeted = true));
        const stream = other.subscribe(REQUEST);
        for (let time = 0; time < 30; time++) {
          await fetch(emulator.httpUrl);
        }
        expect(greeted).to.equal(false);
        emulator.faults.unsilence();
        await until(() => emulator.subscriptions()[0]?.pending === 5);
        await expectHeard(emulator, other, stream);
        other.close();
      });
    }
  });

  it('leaves streams silent for good, when it is over', () =>
    withHttp2({}, async (emulator, http2) => {
      const silenced = await subscribed(emulator, http2);
      emulator.faults.silence();
      emulator.faults.unsilence();
      await expectHeard(emulator, http2, await subscribed(emulator, http2));
      silenced.request(REQUEST);
      makeNoise(emulator);
      await http2.ping();
      expect(silenced.responses).to.be.empty;
      expect(emulator.subscriptions()).to.have.length(1);
    }));

  it('ends by itself, when its time is up', () =>
    withHttp2({}, async (emulator, http2, client) => {
      await subscribed(emulator, http2);
      emulator.faults.silence({ forMs: 1, scope: 'all', pings: false });
      expect(emulator.subscriptions()).to.be.empty;
      await client.call('GetTopic', { topicName: TOPIC });
      await http2.ping();
    }));

  it('lets streams be cancelled and connections be cut, as ever', () =>
    withHttp2({}, async (emulator, http2) => {
      const { stream } = await subscribed(emulator, http2);
      const other = await subscribed(emulator, http2);
      emulator.faults.silence();
      stream.close(constants.NGHTTP2_CANCEL);
      await http2.ping();
      await emulator.faults.stopServer();
      await until(() => other.stream.destroyed);
      expect(http2.session.destroyed).to.equal(true);
    }));

  it('throws a ConfigurationError and does nothing, when its options are not valid', () =>
    withHttp2({}, async (emulator, http2) => {
      const stream = await subscribed(emulator, http2);
      const { faults } = emulator;
      expect(() => faults.silence({ forMs: 0 })).to.throw(ConfigurationError, 'silence: forMs is 0, but must be');
      expect(() => faults.silence({ pings: 1 as never })).to.throw(ConfigurationError, 'silence: pings takes');
      expect(() => faults.silence({ scope: 'new' as never })).to.throw(ConfigurationError, 'one of existing, all');
      await expectHeard(emulator, http2, stream);
    }));
});

/** Opens a stream, and waits until the emulator has heard its request. */
async function subscribed(emulator: Emulator, http2: Http2Client): Promise<Http2Stream> {
  const before = emulator.subscriptions().length;
  const stream = http2.subscribe(REQUEST);
  await until(() => emulator.subscriptions().filter(({ pending }) => pending === 5).length > before);
  return stream;
}

/** Everything that makes the emulator send something. */
function makeNoise(emulator: Emulator): void {
  emulator.org.create('Account', { Name: 'a' });
  emulator.keepalive();
}

/** What proves silence proves the contrary here: noise is there after a ping. */
async function expectHeard(emulator: Emulator, http2: Http2Client, stream: Http2Stream): Promise<void> {
  makeNoise(emulator);
  await http2.ping();
  expect(stream.responses.map(({ events }) => events.length)).to.deep.equal([1, 0]);
}

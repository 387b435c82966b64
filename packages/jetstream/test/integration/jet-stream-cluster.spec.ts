import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { jetStreamLease, jetStreamLog, jetStreamReplayStore } from '@rxforce/jetstream';
import type { LogStart } from '@rxforce/core';
import { expect } from 'chai';
import { entriesOf, idsOf, startReading, TOPIC } from '../support/entries.js';
import { NatsCluster } from '../support/nats-cluster.js';
import { until } from '../support/nats-server.js';
import { countOf, idOf, KEY } from '../support/positions.js';

const STREAM = 'rxforce+crm+=2Fdata=2FAccountChangeEvent';
const options = { replicas: 3, timeoutMs: 1_000 };

describe('JetStream on three servers', function () {
  this.timeout(400_000);
  let cluster: NatsCluster;
  let nats: NatsConnection;

  before(async () => {
    cluster = await NatsCluster.start();
    nats = await cluster.connect();
  });
  after(async () => {
    await nats.close();
    await cluster.stop();
  });

  /** Calls again until the call resolves. */
  const done = (call: () => Promise<unknown>) =>
    until(() =>
      call().then(
        () => true,
        () => false,
      ),
    );

  it('keeps everything on all of them', async () => {
    const log = jetStreamLog(nats, { name: 'crm', partitions: 2, ...options });
    await done(() => log.append(TOPIC, entriesOf(1, 10), 1));
    await done(() => jetStreamLease(nats, { ttlMs: 2_000, ...options }).acquire(KEY));
    await done(() => jetStreamReplayStore(nats, options).save(KEY, idOf(1), 1));
    const { streams } = await jetstreamManager(nats);
    for (const name of [STREAM, 'KV_rxforce-logs', 'KV_rxforce-leases', 'KV_rxforce-positions']) {
      expect((await streams.info(name)).config.num_replicas, name).to.equal(3);
    }
  });

  it('has each entry once and in order, when the server that leads is killed, again and again', async () => {
    const log = jetStreamLog(nats, { name: 'crm', partitions: 2, ...options });
    const found: string[] = [];
    let from: LogStart['from'] = 'earliest';
    let reading = startReading(log);
    const more = () => {
      if (reading.errors.length > 0) {
        expect(reading.errors[0]).to.include({ code: 'event-log', retriable: true });
        found.push(...reading.ids());
        from = reading.entries.at(-1)?.position ?? from;
        reading = startReading(log, { from });
      }
      return found.length + reading.entries.length;
    };
    for (let round = 1; round <= 2; round++) {
      const first = round * 100;
      await cluster.untilInStep(nats, STREAM);
      const work = log.append(TOPIC, entriesOf(first, first + 99), 1).catch(() => 0);
      const leader = await cluster.leaderOf(nats, STREAM);
      await leader.kill();
      await work;
      await done(() => log.append(TOPIC, entriesOf(first, first + 99), 1));
      await until(() => more() >= 10 + round * 100);
      await leader.start();
    }
    expect([...found, ...reading.ids()]).to.deep.equal([...idsOf(1, 10), ...idsOf(100, 299)]);
    await cluster.untilInStep(nats, STREAM);
    await until(async () => (await log.lag(TOPIC, 0, undefined).catch(() => undefined))?.events === 210);
    reading.subscription.unsubscribe();
  });

  it('keeps leases and positions, when the servers that lead them are killed', async () => {
    const store = jetStreamReplayStore(nats, options);
    const lease = jetStreamLease(nats, { ttlMs: 2_000, ...options });
    let token = 0;
    for (let round = 2; round <= 3; round++) {
      await until(async () => {
        const held = await lease.acquire(KEY).catch(() => undefined);
        if (held === undefined) return false;
        expect(held.token).to.be.above(token);
        token = held.token;
        return true;
      });
      const saved = () => store.save(KEY, idOf(round), token);
      await done(saved);
      const bucket = `KV_rxforce-${round % 2 === 0 ? 'leases' : 'positions'}`;
      await cluster.untilInStep(nats, bucket);
      const leader = await cluster.leaderOf(nats, bucket);
      await leader.kill();
      await until(async () => {
        const position = await jetStreamReplayStore(nats, options)
          .load(KEY)
          .catch(() => undefined);
        return countOf(position) === round;
      });
      await leader.start();
    }
  });
});

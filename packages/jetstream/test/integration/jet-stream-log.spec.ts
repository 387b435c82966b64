import { headers } from '@nats-io/transport-node';
import type { LogStart } from '@rxforce/core';
import { eventLogContract } from '@rxforce/core/testing';
import { expect } from 'chai';
import { until } from '../support/nats-server.js';
import { entriesOf, idsOf, startReading, TOPIC } from '../support/entries.js';
import { livelyConnection, losingConnection } from '../support/odd-connection.js';
import { rejection } from '../support/positions.js';
import { logSuite } from '../support/log-suite.js';

describe('jetStreamLog', function () {
  this.timeout(120_000);
  const { suite, logOf, manager, stream, subject, appendUntilDone, readIds } = logSuite();

  describe('keeps the contract', () => {
    const cases = eventLogContract({
      open: (settings) => logOf(settings),
      reopen: (_log, settings) => logOf(settings),
      fail: () => suite.server.kill('SIGSTOP'),
      dispose: () => suite.dispose(),
    });
    for (const { name, run } of cases) it(name, run);
  });

  describe('appends each entry once', () => {
    it('when answers were lost, and the same is appended again', async () => {
      const log = await logOf({ timeoutMs: 300 });
      await appendUntilDone(log, 1, 10, 1);
      for (let first = 11; first < 60; first += 10) {
        await suite.server.kill('SIGSTOP');
        const refused = await rejection(log.append(TOPIC, entriesOf(first, first + 9), 1));
        expect(refused).to.include({ code: 'event-log', reason: 'unavailable', retriable: true });
        await suite.server.kill('SIGCONT');
        await appendUntilDone(log, first, first + 9, 1);
      }
      expect(await readIds(await logOf(), 60)).to.deep.equal(idsOf(1, 60));
    });

    it('when the server was killed in the middle of calls, and started', async () => {
      const log = await logOf({ timeoutMs: 300 });
      for (let round = 0; round < 5; round++) {
        const first = 1 + round * 100;
        const work = log.append(TOPIC, entriesOf(first, first + 99)).catch(() => 0);
        await suite.server.restart();
        await work;
        await appendUntilDone(log, first, first + 99);
      }
      expect(await readIds(await logOf(), 500)).to.deep.equal(idsOf(1, 500));
    });

    it('when a writer that stood still comes back with what it had begun', async () => {
      const stale = await logOf({ timeoutMs: 1_000 });
      const next = await logOf();
      await appendUntilDone(stale, 1, 5, 1);
      await suite.server.kill('SIGSTOP');
      // It is on its way, and takes effect when the server goes on.
      await rejection(stale.append(TOPIC, entriesOf(6, 9), 1));
      await suite.server.kill('SIGCONT');
      await appendUntilDone(next, 3, 12, 2);
      expect(await rejection(stale.append(TOPIC, entriesOf(6, 9), 1))).to.include({ code: 'position-in-use' });
      expect(await readIds(next, 12)).to.deep.equal(idsOf(1, 12));
    });

    it('when all was there, and the earlier writer has appended more before it is fenced', async () => {
      const stale = await logOf();
      const next = await logOf();
      await stale.append(TOPIC, entriesOf(1, 5), 1);
      await next.append(TOPIC, entriesOf(1, 5), 2);
      await stale.append(TOPIC, entriesOf(6, 7), 1);
      await next.append(TOPIC, entriesOf(8, 9), 2);
      expect(await rejection(stale.append(TOPIC, entriesOf(8, 9), 1))).to.include({ code: 'position-in-use' });
      expect(await readIds(next, 9)).to.deep.equal(idsOf(1, 9));
    });

    it('when the last thousand are among many of another partition', async () => {
      const log = await logOf();
      await log.append(TOPIC, entriesOf(1, 1_500), 1);
      await log.append(TOPIC, entriesOf(1_501, 11_500, 1), 1);
      const next = await logOf();
      await next.append(TOPIC, [...entriesOf(501, 1_500), ...entriesOf(11_501, 11_510)], 2);
      expect(await readIds(next, 1_510)).to.deep.equal([...idsOf(1, 1_500), ...idsOf(11_501, 11_510)]);
    });
  });

  describe('reads without a hole', () => {
    it('when messages are lost on the way', async () => {
      const writer = await logOf();
      let count = 0;
      // The 7th, the 14th, … of those that come: a number of the consumer is missing.
      const isLost = ({ reply = '' }: { readonly reply?: string }) => reply.startsWith('$JS.ACK.') && ++count % 7 === 0;
      const reading = startReading(await logOf({}, losingConnection(await suite.connect(), isLost)), { wanted: 100 });
      await writer.append(TOPIC, entriesOf(1, 50));
      await until(() => reading.entries.length >= 50 || reading.errors.length > 0);
      expect(reading.ids()).to.deep.equal(idsOf(1, 50));
      expect(count).to.be.above(50);
      reading.subscription.unsubscribe();
    });

    it('when its consumer is deleted', async () => {
      const log = await logOf();
      const reading = startReading(log);
      const { consumers } = await manager();
      for (let round = 0; round < 3; round++) {
        await log.append(TOPIC, entriesOf(round * 10 + 1, round * 10 + 10));
        await until(() => reading.entries.length === round * 10 + 10);
        let found: readonly string[] = [];
        await until(async () => {
          found = (await consumers.list(stream()).next()).map(({ name }) => name);
          return found.length > 0;
        });
        for (const name of found) await consumers.delete(stream(), name);
      }
      await log.append(TOPIC, entriesOf(31, 40));
      await until(() => reading.entries.length === 40 || reading.errors.length > 0);
      expect(reading.ids()).to.deep.equal(idsOf(1, 40));
      reading.subscription.unsubscribe();
    });

    it('when the server is killed and started: it goes on, or errors and goes on after what came last', async () => {
      const log = await logOf({ timeoutMs: 1_000 });
      const found: string[] = [];
      let from: LogStart['from'] = 'earliest';
      let reading = startReading(log);
      for (let round = 0; round < 3; round++) {
        await appendUntilDone(log, round * 10 + 1, round * 10 + 10);
        await until(() => {
          if (reading.errors.length > 0) {
            expect(reading.errors[0]).to.include({ code: 'event-log', retriable: true });
            found.push(...reading.ids());
            from = reading.entries.at(-1)?.position ?? from;
            reading = startReading(log, { from });
          }
          return found.length + reading.entries.length >= round * 10 + 10;
        });
        await suite.server.restart();
      }
      expect([...found, ...reading.ids()]).to.deep.equal(idsOf(1, 30));
      reading.subscription.unsubscribe();
    });

    it('and errors, when the server stands still', async () => {
      const log = await logOf({ timeoutMs: 1_000 });
      await appendUntilDone(log, 1, 3);
      const reading = startReading(log);
      await until(() => reading.entries.length === 3);
      await suite.server.kill('SIGSTOP');
      await until(() => reading.errors.length === 1);
      expect(reading.errors[0]).to.include({ code: 'event-log', reason: 'unavailable', retriable: true });
    });

    it('when the connection is made anew again and again, and nothing comes between', async () => {
      const writer = await logOf();
      await writer.append(TOPIC, entriesOf(1, 1));
      let signs = 0;
      const nats = await suite.connect();
      const heard = losingConnection(livelyConnection(nats, 100), ({ headers }) => {
        if (headers?.code === 100) signs++;
        return false;
      });
      const reading = startReading(await logOf({ timeoutMs: 20_000, keepaliveMs: 5_000 }, heard));
      await until(() => reading.entries.length === 1);
      for (let round = 0; round < 5; round++) {
        const before = signs;
        await until(() => signs > before || reading.errors.length > 0);
        await nats.reconnect();
      }
      await writer.append(TOPIC, entriesOf(2, 2));
      await until(() => reading.entries.length === 2 || reading.errors.length > 0);
      expect(reading.errors).to.deep.equal([]);
      reading.subscription.unsubscribe();
    });

    it('and leaves no consumer behind, when it is over', async () => {
      const log = await logOf();
      await log.append(TOPIC, entriesOf(1, 3));
      const reading = startReading(log);
      await until(() => reading.entries.length === 3);
      const { streams } = await manager();
      expect((await streams.info(stream())).state.consumer_count).to.equal(1);
      reading.subscription.unsubscribe();
      await until(async () => (await streams.info(stream())).state.consumer_count === 0);
    });

    it('and has no consumer while nothing is wanted, and another one when something is', async () => {
      const log = await logOf();
      await log.append(TOPIC, entriesOf(1, 30));
      const { streams } = await manager();
      const reading = startReading(log, { wanted: 10 });
      for (const count of [10, 20, 30]) {
        await until(() => reading.entries.length === count);
        await until(async () => (await streams.info(stream())).state.consumer_count === 0);
        reading.demand.next(10);
      }
      await until(async () => (await streams.info(stream())).state.consumer_count === 1);
      await log.append(TOPIC, entriesOf(31, 40));
      await until(() => reading.entries.length === 40);
      expect(reading.ids()).to.deep.equal(idsOf(1, 40));
      reading.subscription.unsubscribe();
    });

    it('and errors with a typed error, when another program has published to its subject', async () => {
      const log = await logOf();
      await log.append(TOPIC, entriesOf(1, 1));
      (await suite.connect()).publish(subject(), 'nonsense');
      const reading = startReading(log);
      await until(() => reading.errors.length === 1);
      expect(reading.errors[0]).to.include({ code: 'event-log', reason: 'refused', retriable: false });
      expect(String(reading.errors[0])).to.include('nats stream rmm');
      expect(reading.ids()).to.deep.equal(idsOf(1, 1));
    });
  });

  for (const [what, odd] of Object.entries({
    'an origin that is no replay id': { 'rxforce-origin': '123' },
    'headers that are not encoded': { 'rxforce-headers': '%' },
    'headers that are no JSON': { 'rxforce-headers': '{' },
  })) {
    it(`errors with a typed error, when a message has ${what}, and the connection goes on`, async () => {
      const log = await logOf();
      await log.append(TOPIC, entriesOf(1, 1));
      const has = {
        'rxforce-id': 'x',
        'rxforce-origin': 'AAAAAAAAAAE=',
        'rxforce-schema': 's',
        'rxforce-previous': '1',
      };
      const written = headers();
      for (const pair of Object.entries({ ...has, 'rxforce-count': '2', 'rxforce-fence': '0', ...odd })) {
        written.set(...pair);
      }
      const nats = await suite.connect();
      nats.publish(subject(), 'x', { headers: written });
      let disconnects = 0;
      const reader = await suite.connect();
      void (async () => {
        for await (const { type } of reader.status()) if (type === 'disconnect') disconnects++;
      })();
      const reading = startReading(await logOf({}, reader));
      await until(() => reading.errors.length === 1 || disconnects > 0);
      expect(disconnects).to.equal(0);
      expect(reading.errors[0]).to.include({ code: 'event-log', reason: 'refused', retriable: false });
      expect(reading.ids()).to.deep.equal(idsOf(1, 1));
    });
  }
});

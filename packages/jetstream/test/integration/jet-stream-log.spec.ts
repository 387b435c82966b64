import { headers } from '@nats-io/transport-node';
import type { LogStart } from '@rxforce/core';
import { eventLogContract } from '@rxforce/core/testing';
import { jetStreamLog } from '@rxforce/jetstream';
import { expect } from 'chai';
import { until } from '../support/nats-server.js';
import { entriesOf, entryOf, idsOf, startReading, TOPIC } from '../support/entries.js';
import { losingConnection } from '../support/odd-connection.js';
import { rejection } from '../support/positions.js';
import { logSuite } from '../support/log-suite.js';

describe('jetStreamLog', function () {
  this.timeout(120_000);
  const { suite, nameOf, logOf, manager, stream, subject, appendUntilDone, readIds } = logSuite();

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
      await log.append(TOPIC, entriesOf(1, 10), 1);
      for (let first = 11; first < 60; first += 10) {
        await suite.server.kill('SIGSTOP');
        const refused = await rejection(log.append(TOPIC, entriesOf(first, first + 9), 1));
        expect(refused).to.include({ code: 'event-log', reason: 'unavailable', retriable: true });
        await suite.server.kill('SIGCONT');
        await appendUntilDone(log, first, first + 9, 1);
      }
      expect(await readIds(log, 60)).to.deep.equal(idsOf(1, 60));
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
      expect(await readIds(log, 500)).to.deep.equal(idsOf(1, 500));
    });

    it('when a writer that stood still comes back with what it had begun', async () => {
      const stale = await logOf({ timeoutMs: 300 });
      const next = await logOf();
      await stale.append(TOPIC, entriesOf(1, 5), 1);
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
      const log = await logOf({ timeoutMs: 300 });
      await log.append(TOPIC, entriesOf(1, 3));
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
      const heard = losingConnection(nats, ({ headers }) => {
        if (headers?.code === 100) signs++;
        return false;
      });
      const reading = startReading(await logOf({ timeoutMs: 300, keepaliveMs: 5_000 }, heard));
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

  describe('drops old entries', () => {
    const isEmpty = async () => (await (await manager()).streams.info(stream())).state.messages === 0;

    it('and does not go on after a position, when entries after it were too old', async () => {
      const log = await logOf({ retentionMs: 150 });
      await log.append(TOPIC, entriesOf(1, 3));
      const reading = startReading(log, { wanted: 1 });
      await until(() => reading.entries.length === 1);
      reading.subscription.unsubscribe();
      await until(isEmpty);
      const [{ position }] = reading.entries as [(typeof reading.entries)[0]];
      for (const filled of [false, true]) {
        if (filled) await log.append(TOPIC, entriesOf(4, 4));
        const late = startReading(log, { from: position });
        await until(() => late.errors.length === 1);
        expect(late.errors[0]).to.include({ code: 'replay-id-invalid' });
        expect(late.entries).to.deep.equal([]);
      }
    });

    it('and does not go on after a position, when its writer has not looked since entries after it were dropped', async () => {
      const log = await logOf();
      await (await logOf()).append(TOPIC, entriesOf(1, 2, 1));
      const reading = startReading(log, { partition: 1, wanted: 1 });
      await until(() => reading.entries.length === 1);
      reading.subscription.unsubscribe();
      await log.append(TOPIC, entriesOf(3, 3));
      await (await manager()).streams.purge(stream(), { filter: subject(1) });
      await log.append(TOPIC, entriesOf(4, 4, 1));
      const late = startReading(log, { partition: 1, from: reading.entries[0]?.position ?? 'latest' });
      await until(() => late.errors.length === 1 || late.entries.length > 0);
      expect(late.errors[0]).to.include({ code: 'replay-id-invalid' });
    });

    it('and errors in a reading that wants nothing, when what it has not had was too old', async () => {
      const log = await logOf({ retentionMs: 1_000 });
      await log.append(TOPIC, entriesOf(1, 3));
      const reading = startReading(log, { wanted: 1 });
      await until(() => reading.errors.length === 1);
      expect(reading.errors[0]).to.include({ code: 'replay-id-invalid' });
      expect(reading.ids()).to.deep.equal(['event-1']);
    });

    it('and goes on in a quiet partition, whose position grows with the stream', async () => {
      const log = await logOf({ retentionMs: 1_500 });
      await log.append(TOPIC, [entryOf(1, 1)]);
      const quiet = startReading(log, { partition: 1 });
      await until(() => quiet.entries.length === 1);
      for (let first = 2; first < 50; first += 10) await log.append(TOPIC, entriesOf(first, first + 9));
      await until(isEmpty);
      const { count } = quiet.quiet;
      await until(() => quiet.quiet.count > count + 1);
      quiet.subscription.unsubscribe();
      await log.append(TOPIC, [entryOf(90, 1)]);
      const later = startReading(log, { from: quiet.quiet.latest!, partition: 1 });
      await until(() => later.entries.length === 1 || later.errors.length > 0);
      expect(later.ids()).to.deep.equal(['event-90']);
      later.subscription.unsubscribe();
    });

    it('by the bounds of its writer, also where the stream is there', async () => {
      const reader = await logOf();
      const waiting = startReading(reader);
      await until(() => waiting.quiet.count > 0);
      await (await logOf({ maxEntries: 5, retentionMs: 60_000, maxBytes: 1_000_000 })).append(TOPIC, entriesOf(1, 9));
      const { config } = await (await manager()).streams.info(stream());
      expect(config).to.include({ max_msgs_per_subject: 5, max_age: 60e9, max_bytes: 1_000_000 });
      // One that gives none leaves them.
      await reader.append(TOPIC, entriesOf(10, 10));
      expect((await reader.lag(TOPIC, 0, undefined)).events).to.equal(5);
      waiting.subscription.unsubscribe();
    });
  });

  describe('is careful', () => {
    it('and listens no more for the state of its connection, when it is closed', async () => {
      const nats = await suite.connect();
      const { listeners } = (nats as unknown as { readonly protocol: { readonly listeners: unknown[] } }).protocol;
      const before = listeners.length;
      const log = await logOf({}, nats);
      await log.append(TOPIC, entriesOf(1, 1));
      const reading = startReading(log);
      await until(() => reading.entries.length === 1);
      expect(listeners).to.have.length(before + 1);
      reading.subscription.unsubscribe();
      await log.close();
      await until(() => listeners.length === before);
    });

    it('and errors, when it has another number of partitions than the one that is given', async () => {
      await (await logOf({ partitions: 4 })).open();
      const nats = await suite.connect();
      expect(await jetStreamLog(nats, { name: nameOf() }).open()).to.deep.equal({
        ...{ id: `log:${nameOf()}`, partitions: 4 },
      });
      const failure = await rejection((await logOf({ partitions: 8 })).open());
      expect(failure).to.include({ code: 'event-log', reason: 'mismatch', retriable: false });
      expect(await jetStreamLog(nats, { name: 'new' }).open()).to.include({ partitions: 32 });
    });

    it('and is found, or not, without being made', async () => {
      expect(await (await logOf({ partitions: 4 })).find()).to.equal(undefined);
      await (await logOf({ partitions: 8 })).open();
      expect(await (await logOf({ partitions: 8 })).find()).to.deep.equal({ id: `log:${nameOf()}`, partitions: 8 });
      expect(await rejection((await logOf({ partitions: 4 })).find())).to.include({ reason: 'mismatch' });
    });

    it('and has a new stream, when it was deleted: a writer that does not begin anew hears of a gap', async () => {
      const log = await logOf();
      await log.append(TOPIC, entriesOf(1, 3));
      await (await manager()).streams.delete(stream());
      expect(await rejection(log.append(TOPIC, entriesOf(4, 4)))).to.include({ code: 'event-log', retriable: true });
      expect(await rejection(log.append(TOPIC, entriesOf(4, 4)))).to.include({ reason: 'gap', retriable: false });
      await log.append(TOPIC, entriesOf(1, 4));
      expect(await readIds(log, 4)).to.deep.equal(idsOf(1, 4));
    });

    it('and takes no new events for those of a position, when the stream was deleted and filled', async () => {
      const log = await logOf();
      await log.append(TOPIC, entriesOf(1, 10));
      const reading = startReading(log, { wanted: 5 });
      await until(() => reading.entries.length === 5);
      const quiet = startReading(log, { partition: 1 });
      await until(() => quiet.quiet.latest !== undefined);
      [reading, quiet].forEach(({ subscription }) => subscription.unsubscribe());
      await (await manager()).streams.delete(stream());
      await (await logOf()).append(TOPIC, [...entriesOf(11, 30), ...entriesOf(31, 40, 1)]);
      for (const [from, partition] of [
        [reading.entries.at(-1)?.position, 0],
        [quiet.quiet.latest, 1],
      ] as const) {
        const later = startReading(log, { from: from ?? 'earliest', partition });
        await until(() => later.errors.length === 1);
        expect(later.errors[0]).to.include({ code: 'replay-id-invalid' });
        expect(later.entries).to.deep.equal([]);
      }
    });

    it('and keeps what it has, when a log of another prefix and name has the same letters', async () => {
      const log = await logOf({ prefix: `p-${nameOf()}`, name: 'prod_crm' });
      await log.append(TOPIC, entriesOf(1, 9));
      const other = await logOf({ prefix: `p-${nameOf()}_prod`, name: 'crm', maxEntries: 5 });
      await other.append(TOPIC, entriesOf(1, 9));
      expect(await readIds(log, 9)).to.deep.equal(idsOf(1, 9));
      expect(await readIds(other, 5)).to.deep.equal(idsOf(5, 9));
    });

    it('and changes no stream of another program', async () => {
      const { streams } = await manager();
      await streams.add({ name: stream(), subjects: [`other-${nameOf()}.*`] });
      const failure = await rejection((await logOf({ maxEntries: 5 })).append(TOPIC, entriesOf(1, 1)));
      expect(failure).to.include({ code: 'event-log', reason: 'refused', retriable: false });
      expect(String(failure)).to.include('`prefix` of its own');
      expect((await streams.info(stream())).config.max_msgs_per_subject).to.equal(-1);
    });

    it('and refuses an event that is larger than the server allows, and says so', async () => {
      const log = await logOf();
      const failure = await rejection(log.append(TOPIC, [entryOf(1, 0, 'x'.repeat(2_000_000))]));
      expect(failure).to.include({ code: 'event-log', reason: 'refused', retriable: false });
      expect(String(failure)).to.include('max_payload');
    });

    it('and throws a ConfigurationError, when an option cannot be right', async () => {
      const nats = await suite.connect();
      const wrong = [
        ...[{ name: '' }, { name: 'a.b' }, { partitions: 0 }, { partitions: 2_000 }, { retentionMs: 0 }],
        ...[{ maxEntries: 0 }, { maxBytes: 0 }, { keepaliveMs: 60_001 }, { prefix: 'a b' }, { replicas: 9 }],
        ...[{ domain: 'a b' }, { timeoutMs: 0 }],
      ];
      for (const options of wrong) {
        expect(() => jetStreamLog(nats, { name: 'x', ...options }))
          .to.throw()
          .with.property('code', 'configuration');
      }
    });
  });
});

import { nanos } from '@nats-io/transport-node';
import { jetStreamLog } from '@rxforce/jetstream';
import { expect } from 'chai';
import { NEVER } from 'rxjs';
import { until } from '../support/nats-server.js';
import { entriesOf, entryOf, idsOf, startReading, TOPIC } from '../support/entries.js';
import { rejection } from '../support/positions.js';
import { logSuite } from '../support/log-suite.js';

describe('jetStreamLog', function () {
  this.timeout(120_000);
  const { suite, nameOf, logOf, manager, stream, subject, readIds } = logSuite();

  describe('drops old entries', () => {
    const isEmpty = async () => (await (await manager()).streams.info(stream())).state.messages === 0;
    /** Drops what is older, from now on: what is to be read before may take its time. */
    const keepFor = async (ms: number) =>
      (await manager()).streams.update(stream(), { max_age: nanos(ms), duplicate_window: nanos(100) });

    it('and does not go on after a position, when entries after it were too old', async () => {
      const log = await logOf();
      await log.append(TOPIC, entriesOf(1, 3));
      const reading = startReading(log, { wanted: 1 });
      await until(() => reading.entries.length === 1);
      reading.subscription.unsubscribe();
      await keepFor(150);
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

    it('and tells how many, also when none is left', async () => {
      const log = await logOf({ retentionMs: 150 });
      await log.append(TOPIC, entriesOf(1, 3));
      await until(isEmpty);
      const told: (number | undefined)[] = [];
      const reading = log
        .read({ topic: TOPIC, partition: 0, from: 'earliest' }, NEVER)
        .subscribe(({ dropped }) => told.push(dropped));
      await until(() => told.length > 1);
      reading.unsubscribe();
      expect(told.slice(0, 2)).to.deep.equal([3, undefined]);
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
      const log = await logOf();
      await log.append(TOPIC, entriesOf(1, 3));
      const reading = startReading(log, { wanted: 1 });
      await until(() => reading.entries.length === 1);
      await keepFor(150);
      await until(() => reading.errors.length === 1);
      expect(reading.errors[0]).to.include({ code: 'replay-id-invalid' });
      expect(reading.ids()).to.deep.equal(['event-1']);
    });

    it('and goes on in a quiet partition, whose position grows with the stream', async () => {
      const log = await logOf({ retentionMs: 4_000 });
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

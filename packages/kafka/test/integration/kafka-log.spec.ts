import { expect } from 'chai';
import { BehaviorSubject } from 'rxjs';
import { ReplayIdInvalidError } from '@rxforce/core';
import type { Consumer, Kafka } from 'kafkajs';
import { kafkaLog } from '@rxforce/kafka';
import { KafkaLogs, TOPIC, entryOf, readingOf, rejection } from '../support/kafka-logs.js';
import { KafkaMock, PARTITIONS, until } from '../support/kafka-mock.js';

/** The mock lets a group wait for nearly as long as a session may be silent. */
const QUICK = { sessionTimeout: 6_000, heartbeatInterval: 100 };

describe('kafkaLog', function () {
  this.timeout(120_000);
  let mock: KafkaMock;
  let names = 0;
  const logs = new KafkaLogs(() => mock);

  before(async () => {
    mock = await KafkaMock.start();
  });
  afterEach(() => logs.close());
  after(() => mock.kill());

  const logOf = (options = {}) => logs.open(`log-${++names}`, options);

  describe('drops what Kafka drops', () => {
    /** More than the mock keeps of a partition. */
    const fill = async (log: ReturnType<typeof logOf>, first: number) => {
      for (let number = first; number < first + 14; number++) {
        await log.append(TOPIC, [entryOf(number, { payload: Buffer.alloc(450_000) })]);
      }
    };

    it('and errors with replay-id-invalid, when entries after the position are gone', async () => {
      const log = logOf();
      await log.append(TOPIC, [entryOf(1), entryOf(2), entryOf(3)]);
      const before = readingOf(log, 'earliest', 3);
      await until(() => before.ids.length === 3);
      await fill(log, 10);
      const [first] = before.positions;
      const after = readingOf(log, first!);
      await until(() => after.error !== undefined);
      expect(ReplayIdInvalidError.is(after.error)).to.equal(true);
      expect(after.error).to.include({ topic: TOPIC, replayId: first!.toString() });
      expect(String(after.error)).to.include('retention.ms');
      expect(after.ids).to.deep.equal([]);
    });

    it('and errors with replay-id-invalid, when a reading is overtaken', async () => {
      const log = logOf();
      // So many wait to be wanted that the reading fetches no more: it cannot keep up with what follows.
      const waiting = Array.from({ length: 250 }, (_, index) => entryOf(index));
      await log.append(TOPIC, waiting);
      const reading = readingOf(log, 'earliest', 1);
      await until(() => reading.ids.length === 1);
      await fill(log, 1_000);
      await fill(log, 2_000);
      reading.want(100_000);
      await until(() => reading.error !== undefined);
      expect(ReplayIdInvalidError.is(reading.error)).to.equal(true);
    });

    it('and begins at the oldest that is kept, when it is told so', async () => {
      const log = logOf();
      await fill(log, 1);
      const reading = readingOf(log, 'earliest');
      await until(() => reading.ids.includes('event-14'));
      expect(reading.ids[0]).not.to.equal('event-1');
      expect(reading.ids).to.have.length((await log.lag(TOPIC, 0, undefined)).events ?? 0);
    });
  });

  describe('writes what others can read', () => {
    it('with the record id as key, the bytes as value, and headers', async () => {
      const log = logOf();
      const headers = { traceparent: Buffer.from('00-1'), 'rxforce.id': Buffer.from('not ours') };
      await log.append(TOPIC, [entryOf(1, { partition: 2, recordId: '001A', headers }), entryOf(2, { partition: 3 })]);
      const consumer = mock.client().consumer({ groupId: `others-${names}` });
      const found = new Map<number, { key: string | undefined; value: string | undefined; headers: object }>();
      await consumer.connect();
      await consumer.subscribe({ topics: [`log-${names}.data-AccountChangeEvent`], fromBeginning: true });
      await consumer.run({
        eachMessage: ({ partition, message }) => {
          const texts = Object.entries(message.headers ?? {}).map(([name, value]) => [name, value?.toString()]);
          found.set(partition, {
            key: message.key?.toString(),
            value: message.value?.toString(),
            headers: Object.fromEntries(texts) as object,
          });
          return Promise.resolve();
        },
      });
      await until(() => found.size === 2);
      await consumer.disconnect();
      expect(found.get(2)).to.deep.include({ key: '001A', value: '1' });
      expect(found.get(2)?.headers).to.include({
        traceparent: '00-1',
        'rxforce.header.rxforce.id': 'not ours',
        'rxforce.id': 'event-1',
        'rxforce.schema': 'schema',
        'rxforce.origin': entryOf(1).origin.toString(),
      });
      expect(found.get(3)).to.deep.include({ key: undefined, value: '2' });
    });

    it('and gives readers the headers and the record that were given', async () => {
      const log = logOf();
      const headers = { traceparent: Buffer.from('00-1'), 'rxforce.id': Buffer.from('not ours') };
      await log.append(TOPIC, [entryOf(1, { recordId: '001A', headers })]);
      const entries: unknown[] = [];
      const reading = log
        .read({ topic: TOPIC, partition: 0, from: 'earliest' }, new BehaviorSubject(1))
        .subscribe((response) => entries.push(...response.entries));
      await until(() => entries.length === 1);
      reading.unsubscribe();
      expect(entries[0]).to.deep.include({ id: 'event-1', recordId: '001A', headers });
    });

    it('but errors, when somebody else has written into its topic', async () => {
      const log = logOf();
      await log.append(TOPIC, [entryOf(1)]);
      const producer = mock.client().producer({ createPartitioner: () => () => 0 });
      await producer.connect();
      await producer.send({ topic: `log-${names}.data-AccountChangeEvent`, messages: [{ value: 'hello' }] });
      await producer.disconnect();
      const reading = readingOf(log, 'earliest');
      await until(() => reading.error !== undefined);
      expect(reading.error).to.include({ code: 'event-log', reason: 'refused', retriable: false });
      expect(String(reading.error)).to.include('offset 1');
    });
  });

  /**
   * A member of a group. At times the mock refuses one that comes while it gives partitions out: then another one
   * comes.
   */
  async function joined(groupId: string, topic: string): Promise<Consumer> {
    for (;;) {
      const consumer = mock.client().consumer({ groupId, ...QUICK });
      const { GROUP_JOIN, CRASH } = consumer.events;
      const hasJoined = new Promise<boolean>((resolve) => {
        consumer.on(GROUP_JOIN, () => resolve(true));
        consumer.on(CRASH, () => resolve(false));
      });
      await consumer.connect();
      await consumer.subscribe({ topics: [topic] });
      await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
      if (await hasJoined) return consumer;
      await consumer.disconnect();
    }
  }

  describe('serves', () => {
    it('two readings of one partition, and one after the other', async () => {
      const log = logOf();
      await log.append(TOPIC, [entryOf(1), entryOf(2), entryOf(3)]);
      const [one, other] = [readingOf(log, 'earliest', 2), readingOf(log, 'earliest')];
      await until(() => one.ids.length === 2 && other.ids.length === 3);
      one.stop();
      other.stop();
      const next = readingOf(log, one.positions[0]!);
      await until(() => next.ids.length === 2);
      expect(next.ids).to.deep.equal(['event-2', 'event-3']);
    });

    it('a reading on, when its group was joined anew', async () => {
      const kafka = mock.client();
      let group = '';
      const log = kafkaLog(
        {
          admin: (config) => kafka.admin(config),
          producer: (config) => kafka.producer(config),
          consumer: (config) => kafka.consumer({ ...config, ...QUICK, groupId: (group = config.groupId) }),
        },
        { name: `log-${++names}`, keepaliveMs: 100 },
      );
      await log.append(TOPIC, [entryOf(1), entryOf(2)]);
      const reading = readingOf(log, 'earliest');
      await until(() => reading.ids.length === 2);
      const intruder = await joined(group, `log-${names}.data-AccountChangeEvent`);
      await intruder.disconnect();
      await log.append(TOPIC, [entryOf(3)]);
      await until(() => reading.ids.length === 3 || reading.error !== undefined);
      expect(reading.error).to.equal(undefined);
      expect(reading.ids).to.deep.equal(['event-1', 'event-2', 'event-3']);
      await log.close();
    });

    it('more entries than Kafka sends at a time', async () => {
      const log = logOf();
      const some = Array.from({ length: 3_000 }, (_, index) => entryOf(index, { payload: Buffer.alloc(500) }));
      expect(await log.append(TOPIC, some)).to.equal(3_000);
      const reading = readingOf(log, 'earliest');
      await until(() => reading.ids.length === 3_000);
      expect(reading.ids).to.deep.equal(some.map(({ id }) => id));
    });
  });

  describe('is careful', () => {
    it('and errors, when the log has another number of partitions than the one that is given', async () => {
      const failure = await rejection(logOf({ partitions: 8 }).open());
      expect(failure).to.include({ code: 'event-log', reason: 'mismatch', retriable: false });
      expect(await logOf().open()).to.deep.equal({ id: `kafka:log-${names}`, partitions: PARTITIONS });
    });

    it('and refuses partitions and topics that it cannot have, and calls after its end', async () => {
      const log = logOf();
      for (const call of [
        () => log.append(TOPIC, [entryOf(1, { partition: PARTITIONS })]),
        () => log.lag(TOPIC, -1, undefined),
        () => log.append('/data/Ä', [entryOf(1)]),
        () => log.append('data', [entryOf(1)]),
      ]) {
        expect(await rejection(call())).to.include({ code: 'event-log', reason: 'refused' });
      }
      await log.close();
      expect(await rejection(log.open())).to.include({ code: 'event-log', reason: 'refused' });
    });

    it('and throws a ConfigurationError, when an option cannot be right', () => {
      const wrong = [
        ...[{ name: '' }, { name: 'a.b' }, { name: 'x'.repeat(101) }, { partitions: 0 }, { partitions: 2_000 }],
        ...[{ retentionMs: 0 }, { replicationFactor: 0 }, { timeoutMs: 0 }, { keepaliveMs: 60_001 }],
        ...[{ createTopics: 'no' as unknown as boolean }, { partition: 3 }],
      ];
      for (const options of wrong) {
        expect(() => kafkaLog(mock.client(), { name: 'x', ...options }), JSON.stringify(options))
          .to.throw()
          .with.property('code', 'configuration');
      }
      expect(() => kafkaLog(undefined as unknown as Kafka, { name: 'x' }))
        .to.throw()
        .with.property('code', 'configuration');
    });
  });
});

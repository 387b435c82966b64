import { expect } from 'chai';
import { EventLogError } from '@rxforce/core';
import { KafkaLogs, TOPIC, entryOf, readingOf, rejection } from '../support/kafka-logs.js';
import { KafkaMock, until } from '../support/kafka-mock.js';

describe('while Kafka is away, a log', function () {
  this.timeout(120_000);
  let mock: KafkaMock;
  const logs = new KafkaLogs(() => mock);

  beforeEach(async () => {
    mock = await KafkaMock.start();
  });
  afterEach(async () => {
    await mock.kill('SIGCONT');
    await logs.close();
    await mock.kill();
  });

  const isTemporary = (error: unknown) => EventLogError.is(error) && error.retriable && error.reason === 'unavailable';

  for (const [how, signal] of [
    ['stands still', 'SIGSTOP'],
    ['is dead', 'SIGKILL'],
  ] as const) {
    it(`says of no entry that it is durable, and its readings error, when the broker ${how}`, async () => {
      const log = logs.open('crm');
      await log.append(TOPIC, [entryOf(1)]);
      const reading = readingOf(log, 'earliest');
      await until(() => reading.ids.length === 1);
      await mock.kill(signal);
      const failures = await Promise.all([
        rejection(log.append(TOPIC, [entryOf(2)])),
        rejection(log.putSchema('one', '{}')),
        rejection(log.lag(TOPIC, 0, undefined)),
      ]);
      expect(failures.map(isTemporary), failures.join('\n')).to.deep.equal([true, true, true]);
      await until(() => reading.error !== undefined);
      expect(isTemporary(reading.error), String(reading.error)).to.equal(true);
      expect(reading.ids).to.deep.equal(['event-1']);
    });
  }

  it('loses nothing and keeps the order, when appends are made again until they are durable', async () => {
    const log = logs.open('crm', { timeoutMs: 300 });
    const ids: string[] = [];
    for (let round = 0; round < 3; round++) {
      const some = [0, 1, 2, 3, 4].map((index) => entryOf(round * 10 + index));
      ids.push(...some.map(({ id }) => id));
      if (round === 1) {
        await mock.kill('SIGSTOP');
        // The first one is on its way. The others wait behind it, and are not sent once their time is up.
        for (let attempt = 0; attempt < 4; attempt++) {
          expect(isTemporary(await rejection(log.append(TOPIC, some)))).to.equal(true);
        }
        await mock.kill('SIGCONT');
      }
      await until(async () => (await rejection(log.append(TOPIC, some))) === undefined);
    }
    const { events } = await logs.open('crm').lag(TOPIC, 0, undefined);
    expect(events).to.be.greaterThan(ids.length);
    const reading = readingOf(logs.open('crm'), 'earliest');
    await until(() => reading.ids.length >= ids.length);
    expect(reading.ids).to.deep.equal(ids);
  });

  it('reads on with another consumer, when the one that it had is gone', async () => {
    const log = logs.open('crm');
    await log.append(TOPIC, [entryOf(1)]);
    const reading = readingOf(log, 'earliest', 1);
    await until(() => reading.ids.length === 1);
    await mock.kill('SIGSTOP');
    await until(() => reading.error !== undefined);
    await mock.kill('SIGCONT');
    await until(async () => (await rejection(log.append(TOPIC, [entryOf(2)]))) === undefined);
    const next = readingOf(log, reading.positions[0]!);
    await until(() => next.ids.length === 1);
    expect(next.ids).to.deep.equal(['event-2']);
  });
});

import { expect } from 'chai';
import { BehaviorSubject } from 'rxjs';
import type { KafkaMessage } from 'kafkajs';
import { EventLogError, ReplayId, ReplayIdInvalidError } from '@rxforce/core/model';
import { messageOf } from './log-message.js';
import { positionOf } from './log-position.js';
import { logReading } from './log-reading.js';
import { RECENT } from './recent-entries.js';
import type { PartitionReader } from './topic-consumer.js';

const TOPIC = '/data/AccountChangeEvent';

/** As Kafka has the entry of this number. */
function messageAt(offset: number, number = offset): KafkaMessage {
  const origin = ReplayId.fromBytes(Buffer.from(String(number).padStart(10, '0')));
  const entry = { partition: 0, id: `e${number}`, origin, schemaId: 's', payload: Buffer.from('p') };
  const { headers = {}, value, key } = messageOf(entry);
  return {
    ...{ attributes: 0, timestamp: '0', offset: String(offset), headers },
    ...{ value: value as Buffer, key: typeof key === 'string' ? Buffer.from(key) : null },
  };
}

const messages = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => messageAt(first + index));

/** A reading of a partition that is given by hand. */
function readingOf(from: 'earliest' | 'latest' | ReplayId, given: { low: number; high: number }, stalledMs = 60_000) {
  const bounds = { ...given };
  const demand = new BehaviorSubject(0);
  const told = {
    ids: [] as string[],
    latest: undefined as ReplayId | undefined,
    responses: 0,
    dropped: [] as number[],
    error: undefined as unknown,
    isFetching: false,
    isGivenUp: false,
    hasLeft: false,
    reader: undefined as PartitionReader | undefined,
  };
  const seat = (reader: PartitionReader) => {
    told.reader = reader;
    return {
      setFetching: (isFetching: boolean) => void (told.isFetching = isFetching),
      leave: () => void (told.hasLeft = true),
      giveUp: () => void (told.isGivenUp = true),
    };
  };
  const current = () => Promise.resolve({ low: BigInt(bounds.low), high: BigInt(bounds.high) });
  const reading = logReading(
    { bounds: current, seat, keepaliveMs: 2, stalledMs },
    { topic: TOPIC, partition: 0, from },
    demand,
  ).subscribe({
    next: ({ entries, latest, dropped }) => {
      if (dropped !== undefined) told.dropped.push(dropped);
      told.ids.push(...entries.map(({ id }) => id));
      told.latest = latest;
      told.responses++;
    },
    error: (error: unknown) => (told.error = error),
  });
  return { told, bounds, want: (count: number) => demand.next(count), stop: () => reading.unsubscribe() };
}

/** Looks in each turn of the event loop; the test's time limit ends a wait in vain. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('logReading', () => {
  it('emits what is wanted of what Kafka sent, and fetches more while less than 200 wait', async () => {
    const { told, want, stop } = readingOf('earliest', { low: 0, high: 1_000 });
    await until(() => told.responses > 2);
    expect(told.isFetching).to.equal(false);
    want(10);
    await until(() => told.isFetching);
    await told.reader?.take(messages(0, 409));
    await until(() => told.ids.length === 10 && !told.isFetching);
    want(200);
    await until(() => told.ids.length === 210);
    expect(told.isFetching).to.equal(false);
    want(1);
    await until(() => told.ids.length === 211 && told.isFetching);
    expect(told.ids).to.deep.equal(messages(0, 210).map(({ offset }) => `e${offset}`));
    stop();
    expect(told.hasLeft).to.equal(true);
  });

  it('leaves out entries that come again, and also those that come before its start', async () => {
    const { told, want, stop } = readingOf(positionOf(4n), { low: 0, high: 9 });
    want(100);
    await until(() => told.reader !== undefined);
    expect(told.reader?.fetched).to.equal(0n);
    const again = [messageAt(5, 3), messageAt(6, 4), messageAt(7, 5), messageAt(8, 5)];
    await told.reader?.take([...messages(0, 4), ...again]);
    await until(() => told.ids.length > 0 && told.latest !== undefined);
    expect(told.ids).to.deep.equal(['e5']);
    // The end is reached, although an entry that came again is the last one.
    expect(told.latest?.equals(positionOf(8n))).to.equal(true);
    stop();
  });

  it('begins to fetch 1,000 entries before its start, or where the partition begins', async () => {
    const far = readingOf(positionOf(5_000n), { low: 0, high: 9_000 });
    const near = readingOf(positionOf(5_000n), { low: 4_500, high: 9_000 });
    await until(() => far.told.reader !== undefined && near.told.reader !== undefined);
    expect(far.told.reader?.fetched).to.equal(5_001n - BigInt(RECENT));
    expect(near.told.reader?.fetched).to.equal(4_500n);
    far.stop();
    near.stop();
  });

  it('tells once what Kafka has dropped before the earliest entry, and nothing of it from elsewhere', async () => {
    const first = readingOf('earliest', { low: 40, high: 90 });
    const others = [
      readingOf('earliest', { low: 0, high: 90 }),
      readingOf('latest', { low: 40, high: 90 }),
      readingOf(positionOf(50n), { low: 40, high: 90 }),
    ];
    await until(() => [first, ...others].every(({ told }) => told.responses > 2));
    expect(first.told.dropped).to.deep.equal([40]);
    expect(others.map(({ told }) => told.dropped)).to.deep.equal([[], [], []]);
    [first, ...others].forEach(({ stop }) => stop());
  });

  it('errors, when what comes does not follow, and what lies between is gone', async () => {
    const { told, bounds, want } = readingOf('earliest', { low: 0, high: 10 });
    want(10);
    await until(() => told.reader !== undefined);
    bounds.low = 5;
    await told.reader?.take(messages(5, 9));
    expect(ReplayIdInvalidError.is(told.error)).to.equal(true);
    expect(told.ids).to.deep.equal([]);
  });

  it('goes on, when what comes does not follow, and nothing is gone', async () => {
    const { told, want, stop } = readingOf('earliest', { low: 0, high: 10 });
    want(10);
    await until(() => told.reader !== undefined);
    // As after a transaction, whose end is a message that nobody gets.
    await told.reader?.take(messages(0, 1));
    await told.reader?.take(messages(3, 4));
    await until(() => told.ids.length === 4);
    expect(told.ids).to.deep.equal(['e0', 'e1', 'e3', 'e4']);
    stop();
  });

  it('errors, when the partition has lost entries that were read', async () => {
    const { told, bounds, want } = readingOf('earliest', { low: 0, high: 10 });
    want(10);
    await until(() => told.reader !== undefined);
    await told.reader?.take(messages(0, 9));
    bounds.high = 5;
    await until(() => told.error !== undefined);
    expect(ReplayIdInvalidError.is(told.error)).to.equal(true);
    expect(String(told.error)).to.include('beyond the end');
  });

  for (const [what, position, low] of [
    ['is beyond the end', positionOf(10n), 0],
    ['is before what is kept', positionOf(2n), 4],
    ['is of another kind of log', ReplayId.fromBytes(Buffer.alloc(10)), 0],
  ] as const) {
    it(`errors with replay-id-invalid, when the position ${what}`, async () => {
      const { told } = readingOf(position, { low, high: 10 });
      await until(() => told.error !== undefined);
      expect(told.error).to.include({ code: 'replay-id-invalid', replayId: position.toString(), topic: TOPIC });
      expect(told.reader).to.equal(undefined);
    });
  }

  it('accepts a position right before what is kept, and the last one', async () => {
    for (const position of [positionOf(3n), positionOf(9n)]) {
      const { told, stop } = readingOf(position, { low: 4, high: 10 });
      await until(() => told.responses > 0);
      expect(told.error).to.equal(undefined);
      stop();
    }
  });

  it('gives its consumer up, when there are entries and none comes', async () => {
    const { told, want } = readingOf('earliest', { low: 0, high: 10 }, 20);
    await until(() => told.responses > 3);
    expect(told.error).to.equal(undefined);
    want(1);
    await until(() => told.error !== undefined);
    expect(EventLogError.is(told.error) && told.error.retriable).to.equal(true);
    expect(told.isGivenUp).to.equal(true);
  });
});

import assert from 'node:assert/strict';
import { EventLogError, ReplayIdInvalidError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { DroppedUnread, EventLog, LoggedEntry, LogStart } from '../ports/event-log.js';
import type { ContractTests } from './contract.js';
import { append, entries, entry, idsOf, read, readAll, Reading, TOPIC, type Logs } from './event-log-parts.js';

/** The cases of what readers do. */
export const CASES_OF_READING: ContractTests<Logs> = {
  'goes on after each position': async ({ log, again }) => {
    await append(log, entries(1, 20));
    const all = await read(log, 'earliest', 20);
    for (const [index, { position }] of all.entries()) {
      assert.deepEqual(idsOf(await readAll(again, position)), idsOf(entries(index + 2, 20)));
    }
  },

  'has positions and versions that differ, and versions that grow': async ({ log }) => {
    for (let first = 1; first <= 300; first += 3) await append(log, entries(first, first + 2));
    const all = await read(log, 'earliest', 300);
    assert.equal(new Set(all.map(({ position }) => position.toString())).size, 300);
    for (const { position } of all)
      assert.ok([8, 10].includes(position.toBytes().length), 'has positions of 8 or 10 bytes');
    all
      .slice(1)
      .forEach(({ version }, index) =>
        assert.ok(version > (all[index]?.version ?? version), 'has a version that grows'),
      );
  },

  'begins at the end, when it is told so': async ({ log, again }) => {
    await append(log, entries(1, 5));
    const reading = new Reading(again, { topic: TOPIC, partition: 0, from: 'latest' }).start();
    reading.want(10);
    await reading.until(() => reading.responses > 0);
    await append(log, entries(6, 7));
    await reading.until(() => reading.entries.length >= 2);
    reading.stop();
    assert.deepEqual(idsOf(reading.entries), idsOf(entries(6, 7)));
  },

  'emits a first response at once, when there is nothing': async ({ log, again }) => {
    for (const from of ['earliest', 'latest'] as const) {
      const reading = new Reading(log, { topic: TOPIC, partition: 3, from }).start();
      reading.want(1);
      await reading.until(() => reading.responses > 0);
      assert.equal(reading.last?.latest, undefined);
      assert.deepEqual(reading.entries, []);
      reading.stop();
    }
    await append(again, entries(1, 1, 3));
    assert.deepEqual(idsOf(await readAll(log, 'earliest', 3)), ['event-1']);
  },

  'emits what comes, while it waits': async ({ log, again }) => {
    const reading = new Reading(again, { topic: TOPIC, partition: 1, from: 'earliest' }).start();
    reading.want(1_000);
    await reading.until(() => reading.responses > 0);
    for (let first = 1; first <= 300; first += 10) {
      await append(log, entries(first, first + 9, 1));
      if (first % 50 === 1) await reading.until(() => reading.entries.length === first + 9);
    }
    await reading.until(() => reading.entries.length === 300);
    reading.stop();
    assert.deepEqual(idsOf(reading.entries), idsOf(entries(1, 300)));
  },

  'never emits more than is wanted, and all that is': async ({ log, again }) => {
    await append(log, entries(1, 100));
    const reading = new Reading(again, { topic: TOPIC, partition: 0, from: 'earliest' }).start();
    for (const count of [1, 7, 2, 40, 1, 49]) {
      reading.want(count);
      await reading.until(() => reading.entries.length === reading.wanted);
      // Another response shows that nothing else came with the last one.
      await reading.untilQuiet();
      assert.equal(reading.entries.length, reading.wanted);
    }
    reading.stop();
    assert.deepEqual(idsOf(reading.entries), idsOf(entries(1, 100)));
  },

  'adds up what is wanted at several times': async ({ log }) => {
    const reading = new Reading(log, { topic: TOPIC, partition: 0, from: 'earliest' }).start();
    for (let count = 0; count < 5; count++) reading.want(10);
    await append(log, entries(1, 60));
    await reading.until(() => reading.entries.length === 50);
    await reading.untilQuiet();
    reading.stop();
    assert.equal(reading.entries.length, 50);
  },

  'emits responses without entries, when nothing comes': async ({ log }) => {
    await append(log, entries(1, 2));
    const reading = new Reading(log, { topic: TOPIC, partition: 0, from: 'earliest' }).start();
    reading.want(5);
    await reading.until(() => reading.entries.length === 2);
    for (let count = 0; count < 3; count++) await reading.untilQuiet();
    const { latest } = reading.last ?? {};
    const last = at(reading.entries, 1);
    assert.ok(ReplayId.is(latest) && latest.equals(last), 'has the position that nothing follows');
    reading.stop();
  },

  'has no latest position, when entries follow that are not wanted': async ({ log }) => {
    await append(log, entries(1, 2));
    const reading = new Reading(log, { topic: TOPIC, partition: 0, from: 'earliest' }).start();
    reading.want(1);
    await reading.until(() => reading.entries.length === 1);
    await reading.untilQuiet();
    assert.equal(reading.last?.latest, undefined);
    reading.stop();
  },

  'completes with its demand': async ({ log }) => {
    const reading = new Reading(log, { topic: TOPIC, partition: 0, from: 'earliest' }).start();
    reading.want(1);
    await reading.until(() => reading.responses > 0);
    reading.endDemand();
    await reading.until(() => reading.isComplete);
  },

  'serves many readings at the same time': async ({ log, again, settings }) => {
    const readings = [log, again].flatMap((each) =>
      Array.from({ length: settings.partitions }, (_, partition) => {
        const reading = new Reading(each, { topic: TOPIC, partition, from: 'earliest' }).start();
        reading.want(1_000);
        return reading;
      }),
    );
    for (let number = 1; number <= 200; number++) await append(log, [entry(number, number % settings.partitions)]);
    const each = 200 / settings.partitions;
    for (const reading of readings) await reading.until(() => reading.entries.length === each);
    readings.forEach((reading) => reading.stop());
  },

  'errors with replay-id-invalid, when the position is beyond the end': async ({ log }) => {
    await append(log, entries(1, 3));
    const beyond = Buffer.from(at(await read(log, 'earliest', 3), 2).toBytes());
    beyond.writeUInt8(0x7f, 0);
    await assertInvalid(log, ReplayId.fromBytes(beyond));
  },

  'tells how far a position is from the end': async ({ log, again }) => {
    assert.deepEqual(await log.lag(TOPIC, 2, undefined), { events: 0, oldestAt: undefined });
    await append(log, entries(1, 5, 2));
    const all = await read(again, 'earliest', 5, 2);
    for (const [index, { position }] of all.entries()) {
      const { events, oldestAt } = await again.lag(TOPIC, 2, position);
      if (events !== undefined) assert.equal(events, 4 - index);
      if (index === 4) assert.equal(oldestAt, undefined);
    }
    const { oldestAt = Date.now() } = await again.lag(TOPIC, 2, undefined);
    assert.ok(
      Math.abs(Date.now() - oldestAt) < 3_600_000,
      `says that the oldest is of ${new Date(oldestAt).toISOString()}`,
    );
  },
};

/** The cases of a log that keeps five entries. */
export const CASES_OF_DROPPED: ContractTests<Logs> = {
  'errors with replay-id-invalid, when entries after the position were dropped': async ({ log, again }) => {
    await append(log, entries(1, 5));
    const before = await read(log, 'earliest', 5);
    await append(log, entries(6, 8));
    const after = await readAll(again, 'earliest');
    assert.deepEqual(idsOf(after), idsOf(entries(4, 8)));
    for (const index of [0, 1]) await assertInvalid(again, at(before, index));
    // All that follows the third is there.
    assert.deepEqual(idsOf(await readAll(again, at(before, 2))), idsOf(entries(4, 8)));
  },

  'errors with replay-id-invalid, when entries are dropped that a reading has not had': async ({ log, again }) => {
    await append(log, entries(1, 5));
    const reading = new Reading(again, { topic: TOPIC, partition: 0, from: 'earliest' }).start();
    reading.want(1);
    await reading.until(() => reading.entries.length === 1);
    await append(log, entries(6, 10));
    reading.want(10);
    const failure: unknown = await reading.until(() => reading.entries.length > 1).catch((error: unknown) => error);
    assert.ok(ReplayIdInvalidError.is(failure), String(failure));
    assert.deepEqual(idsOf(reading.entries), ['event-1']);
  },

  'begins at the oldest that is kept, when it is told so': async ({ log, again }) => {
    for (let number = 1; number <= 12; number++) await append(log, entries(number, number));
    assert.deepEqual(idsOf(await readAll(again, 'earliest')), idsOf(entries(8, 12)));
  },

  'tells of entries that it drops unread, and of the group that is farthest behind': async ({ log, again }) => {
    const told = toldBy(log);
    if (told === undefined) return;
    await append(log, entries(1, 5));
    const [, second, , fourth] = await read(again, 'earliest', 5);
    assert.deepEqual(told, []);
    await append(log, entries(6, 6));
    assert.deepEqual(told, [{ topic: TOPIC, partition: 0, group: undefined, entries: 1 }]);
    for (const [group, { position } = assert.fail()] of [['fast', fourth] as const, ['slow', second] as const]) {
      await again.reached?.({ topic: TOPIC, partition: 0, group, position });
    }
    await append(log, entries(7, 7));
    assert.equal(told.length, 1, 'tells of an entry that all groups have read');
    await append(log, entries(8, 10));
    assert.deepEqual(told.slice(1), [{ topic: TOPIC, partition: 0, group: 'slow', entries: 3 }]);
    await append(log, [...entries(1, 5, 1), ...entries(11, 11)]);
    assert.deepEqual(told.slice(2), [{ topic: TOPIC, partition: 0, group: 'slow', entries: 1 }]);
  },

  'recognizes what it has kept, when the oldest are dropped': async ({ log, again }) => {
    await append(log, entries(1, 8), 1);
    await append(again, entries(5, 9), 2);
    assert.deepEqual(idsOf(await readAll(again, 'earliest')), idsOf(entries(5, 9)));
  },
};

/** The case of a log that keeps five entries, and tells what it has dropped before them. */
export const CASES_OF_TELLING_DROPPED: ContractTests<Logs> = {
  'tells how many were dropped before the oldest, when a reading begins there': async ({ log, again }) => {
    await append(log, entries(1, 5));
    assert.deepEqual(await droppedBefore(again, 'earliest'), []);
    for (let number = 6; number <= 12; number++) await append(log, entries(number, number));
    assert.deepEqual(await droppedBefore(again, 'earliest'), [7]);
    assert.deepEqual(await droppedBefore(again, 'latest'), []);
    assert.deepEqual(await droppedBefore(again, 'earliest', 1), []);
    assert.deepEqual(await droppedBefore(again, at(await read(log, 'earliest', 5), 0)), []);
  },
};

/** The cases of a failing engine. */
export const CASES_OF_FAILURES: ContractTests<Logs> = {
  'rejects with an EventLogError that may pass, when the engine is away': async ({ log, fail }) => {
    await append(log, entries(1, 1));
    await fail();
    for (const call of [
      () => log.open(),
      () => log.append(TOPIC, entries(2, 2)),
      () => log.putSchema('one', '{}'),
      () => log.schema('one'),
      () => log.lag(TOPIC, 0, undefined),
      () => read(log, 'earliest', 1),
    ]) {
      const failure: unknown = await call().catch((error: unknown) => error);
      assert.ok(EventLogError.is(failure) && failure.retriable && failure.reason === 'unavailable', String(failure));
    }
  },
};

/** What a log tells of entries that it drops. `undefined` where it tells nothing. */
function toldBy(log: EventLog): DroppedUnread[] | undefined {
  if (log.dropped$ === undefined) return undefined;
  const told: DroppedUnread[] = [];
  log.dropped$.subscribe((each) => told.push(each));
  return told;
}

/** What the responses of a reading tell of dropped entries: its first one, or none. */
async function droppedBefore(log: EventLog, from: LogStart['from'], partition = 0): Promise<readonly number[]> {
  const reading = new Reading(log, { topic: TOPIC, partition, from }).start();
  await reading.until(() => reading.responses > 0);
  const first = reading.dropped.length;
  reading.want(10);
  await reading.untilQuiet();
  reading.stop();
  assert.equal(reading.dropped.length, first, 'tells it in a later response');
  return reading.dropped;
}

/** The position of one of some entries. */
function at(some: readonly LoggedEntry[], index: number): ReplayId {
  return some[index]?.position ?? assert.fail('has fewer entries');
}

async function assertInvalid(log: EventLog, from: LogStart['from']): Promise<void> {
  const failure: unknown = await read(log, from, 1).catch((error: unknown) => error);
  assert.ok(ReplayIdInvalidError.is(failure), `gives ${String(failure)}, and no ReplayIdInvalidError`);
}

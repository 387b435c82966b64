import assert from 'node:assert/strict';
import { EventLogError } from '../model/errors.js';
import { openedAnswer, schemaAnswer, schemaKeptAnswer } from '../ports/log-answers.js';
import type { ContractTests } from './contract.js';
import { append, assertRejects, entries, entry, idsOf, read, readAll, TOPIC, type Logs } from './event-log-parts.js';

/** The cases of what writers do. */
export const CASES_OF_APPENDING: ContractTests<Logs> = {
  'tells all who open it the same': async ({ log, again, settings }) => {
    const [one, other] = [openedAnswer(await log.open()), openedAnswer(await again.open())];
    assert.deepEqual(one, other);
    assert.equal(one.partitions, settings.partitions);
    assert.deepEqual(openedAnswer(await log.open()), one);
  },

  'has entries as they were appended': async ({ log, again }) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const some = [
      entry(1, 0, { payload: bytes, headers: { traceparent: bytes, empty: new Uint8Array() }, isSplit: true }),
      entry(2, 0, { payload: new Uint8Array(), id: 'ä 😀 \n {}' }),
      entry(3, 0, { payload: new Uint8Array(100_000).fill(0xff) }),
    ];
    await append(log, some);
    const found = await readAll(again, 'earliest');
    assert.deepEqual(found.map(plain), some.map(plain));
  },

  'keeps the order of a partition, over many calls': async ({ log, again }) => {
    for (let first = 1; first <= 10_000; first += 100) await append(log, entries(first, first + 99));
    assert.deepEqual(idsOf(await readAll(again, 'earliest')), idsOf(entries(1, 10_000)));
  },

  'keeps partitions and topics apart': async ({ log, again }) => {
    await append(log, [entry(1, 0), entry(2, 1), entry(3, 0), entry(4, 1)]);
    await append(log, [entry(5, 0)], undefined, '/data/ContactChangeEvent');
    assert.deepEqual(idsOf(await readAll(again, 'earliest', 0)), ['event-1', 'event-3']);
    assert.deepEqual(idsOf(await readAll(again, 'earliest', 1)), ['event-2', 'event-4']);
    assert.deepEqual(idsOf(await readAll(again, 'earliest', 2)), []);
    assert.deepEqual(idsOf(await readAll(again, 'earliest', 0, '/data/ContactChangeEvent')), ['event-5']);
  },

  'appends none of a partition after one that it cannot take': async ({ log, again, settings }) => {
    const some = [entry(1), entry(2, settings.partitions), entry(3)];
    const durable = await log.append(TOPIC, some).catch(() => 0);
    assert.ok(durable <= 1, `says that ${durable} are durable`);
    const found = await readAll(again, 'earliest');
    assert.ok(found.length <= 1, 'has appended one after the one that it could not take');
    assert.ok(found.length >= durable, 'has fewer than it says');
  },

  'adds nothing, when entries are appended again': async ({ log, again }) => {
    await append(log, entries(1, 5));
    await append(log, entries(1, 5));
    await append(log, entries(4, 7));
    await append(log, entries(8, 8));
    assert.deepEqual(idsOf(await readAll(again, 'earliest')), idsOf(entries(1, 8)));
  },

  'adds only what is missing, when the next writer begins further back': async ({ log, again }) => {
    await append(log, entries(1, 900), 1);
    for (const [first, last] of [
      [2, 3],
      [4, 300],
      [301, 905],
      [906, 910],
    ] as const) {
      await append(again, entries(first, last), 2);
    }
    assert.deepEqual(idsOf(await readAll(again, 'earliest')), idsOf(entries(1, 910)));
  },

  'takes an event for another one, when it has another replay id or is in another partition': async ({
    log,
    again,
  }) => {
    const one = entry(1, 0, { id: 'same' });
    const others = [entry(2, 0, { id: 'same' }), entry(1, 1, { id: 'same' })];
    await append(log, [one]);
    await append(again, [one, ...others]);
    assert.equal((await readAll(log, 'earliest', 0)).length, 2);
    assert.equal((await readAll(log, 'earliest', 1)).length, 1);
  },

  'takes the entries of a writer again that was away, when its fence has grown': async ({ log, again }) => {
    await append(log, entries(1, 2), 1);
    await append(again, entries(2, 4), 2);
    await append(log, entries(3, 5), 3);
    assert.deepEqual(idsOf(await readAll(log, 'earliest')), idsOf(entries(1, 5)));
  },

  'appends nothing, when there is nothing': async ({ log }) => {
    await append(log, []);
    assert.deepEqual(await readAll(log, 'earliest'), []);
  },

  'has a schema as it was put there first': async ({ log, again }) => {
    const json = JSON.stringify({ type: 'record', name: 'Ä' });
    assert.equal(schemaAnswer(await log.schema('one')), undefined);
    schemaKeptAnswer(await log.putSchema('one', json));
    schemaKeptAnswer(await again.putSchema('one', '{}'));
    assert.equal(schemaAnswer(await again.schema('one')), json);
    assert.equal(schemaAnswer(await again.schema('other')), undefined);
  },
};

/** The cases of a log that compares what writers say with what it has. */
export const CASES_OF_FENCES: ContractTests<Logs> = {
  'refuses what would follow a gap, when another writer has appended since': async ({ log, again }) => {
    await append(log, entries(1, 2));
    await append(again, entries(1, 3));
    const refusal: unknown = await log.append(TOPIC, entries(4, 4)).catch((error: unknown) => error);
    assert.ok(EventLogError.is(refusal) && refusal.reason === 'gap' && !refusal.retriable, String(refusal));
    assert.deepEqual(idsOf(await readAll(again, 'earliest')), idsOf(entries(1, 3)));
    // What it appends next, it begins anew.
    await append(log, entries(3, 4));
    assert.deepEqual(idsOf(await readAll(again, 'earliest')), idsOf(entries(1, 4)));
  },

  'refuses a smaller fence than it has seen, and adds nothing': async ({ log, again }) => {
    await append(log, entries(1, 1), 5);
    await append(again, entries(2, 2), 6);
    await assertRejects(() => log.append(TOPIC, entries(3, 3), 5), 'position-in-use');
    await append(again, entries(3, 3), 6);
    assert.deepEqual(idsOf(await readAll(log, 'earliest')), idsOf(entries(1, 3)));
  },

  'refuses a smaller fence also of a partition that nothing was appended to': async ({ log, again }) => {
    await append(again, entries(1, 1, 0), 6);
    await assertRejects(() => log.append(TOPIC, entries(2, 2, 1), 5), 'position-in-use');
    assert.deepEqual(idsOf(await readAll(log, 'earliest', 1)), []);
  },

  'takes a fence as large as that of the engine that gives it': async ({ log }) => {
    const token = 1_900_000_000_123;
    await append(log, entries(1, 1), token);
    await append(log, entries(2, 2), token);
    await assertRejects(() => log.append(TOPIC, entries(3, 3), token - 1), 'position-in-use');
    await append(log, entries(3, 3), token + 1);
  },
};

/** The cases of a log that cannot. */
export const CASES_WITHOUT_FENCES: ContractTests<Logs> = {
  'has each entry once and in order, when two writers append in turns': async ({ log, again }) => {
    await append(log, entries(1, 3), 1);
    // The second one begins at its last commit, as each writer does. The first one does not know that its lease is
    // lost.
    for (const [writer, first, last, fence] of [
      [again, 2, 5, 2],
      [log, 4, 6, 1],
      [again, 6, 6, 2],
      [log, 7, 9, 1],
      [again, 7, 12, 2],
    ] as const) {
      await append(writer, entries(first, last), fence);
    }
    assert.deepEqual(idsOf(await readAll(again, 'earliest')), idsOf(entries(1, 12)));
  },

  'recognizes an entry that comes again, when the reading begins between the two': async ({ log, again }) => {
    await append(log, entries(1, 6), 1);
    const [, , , fourth] = await read(again, 'earliest', 4);
    await append(again, entries(2, 8), 2);
    assert.ok(fourth, 'has read four');
    assert.deepEqual(idsOf(await readAll(log, fourth.position)), idsOf(entries(5, 8)));
  },
};

/** What an entry was appended with, so that it can be compared and printed. */
function plain({ partition, id, origin, schemaId, payload, headers = {}, isSplit = false }: ReturnType<typeof entry>) {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  return {
    ...{ partition, id, schemaId, isSplit, origin: origin.toString(), payload: hex(payload) },
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, hex(value)])),
  };
}

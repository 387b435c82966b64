import assert from 'node:assert/strict';
import { ReplayId } from '../model/replay-id.js';
import type { PositionKey, PositionLock, ReplayStore } from '../ports/replay-store.js';
import type { ContractTests } from './contract.js';
import {
  assertInUse,
  assertIsInUse,
  assertSame,
  foreign,
  idOf,
  KEY,
  loaded,
  locked,
  saved,
} from './replay-store-parts.js';

/** The parts of a case: a new store, and `again`, another store over the same data where there can be one. */
export interface Stores {
  readonly store: ReplayStore;
  readonly again: ReplayStore;
}

/** Ids as the service sends them, and as it might send them. */
const IDS: Readonly<Record<string, Uint8Array>> = {
  '10 bytes': Uint8Array.of(0, 0, 0, 0, 0, 1, 0x9c, 0x4b, 0, 0),
  '8 bytes': Uint8Array.of(0, 0, 0, 0, 0, 0, 0x2a, 0xff),
  'one zero': Uint8Array.of(0),
  'every byte': Uint8Array.from({ length: 256 }, (_, index) => index),
  'bytes that are no text': Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0x0d, 0x0a),
  'many bytes': new Uint8Array(4096).fill(0xff),
};

/** Names that are easily confused with each other, or with something else. */
const NAMES: readonly string[] = [
  ...[
    'a',
    'A',
    'aa',
    'a/a',
    'a\\a',
    'a:a',
    'a%2Fa',
    'a%252Fa',
    'a a',
    ' a',
    'a ',
    'a.',
    'a.json',
    'a.lock',
    'a-a',
    'a_a',
  ],
  ...[
    '',
    '.',
    '..',
    '../a',
    '/a',
    '~',
    '-',
    '*',
    'CON',
    'nul',
    'a\0',
    'a\n',
    '{a}',
    "'",
    '"',
    '__proto__',
    'constructor',
  ],
  ...[
    '\u00e4',
    'a\u0308',
    '\u00c4',
    'ß',
    'ss',
    '名前',
    '😀',
    '😁',
    '\ud83d',
    '\ufffd',
    'x'.repeat(300),
    'x'.repeat(301),
  ],
];

const textOf = ({ organizationId, topic, name }: PositionKey) => JSON.stringify([organizationId, topic, name]);

/** The cases for every store. */
export const CASES: ContractTests<Stores> = {
  'has nothing, when nothing was saved': async ({ store }) => {
    assert.equal(await loaded(store), undefined);
    assert.equal(await loaded(store), undefined);
  },

  'gives back the bytes of a replay id unchanged': async ({ store, again }) => {
    for (const bytes of Object.values(IDS)) {
      await saved(store, ReplayId.fromBytes(bytes));
      assertSame(await loaded(store), ReplayId.fromBytes(bytes));
      assertSame(await loaded(again), ReplayId.fromBytes(bytes));
    }
  },

  'takes a replay id of another copy of the package': async ({ store, again }) => {
    const id = idOf(7);
    await saved(store, foreign(id));
    assertSame(await loaded(again), id);
  },

  'gives back a time to the millisecond': async ({ store, again }) => {
    for (const time of [Date.UTC(2026, 1, 28, 23, 59, 59, 999), 0, -1, 8.64e15]) {
      await saved(store, new Date(time));
      assertSame(await loaded(store), new Date(time));
      assertSame(await loaded(again), new Date(time));
    }
  },

  'has a time as it was when it was saved, when the Date is changed later': async ({ store }) => {
    const date = new Date(1);
    await saved(store, date);
    date.setTime(2);
    const first = await loaded(store);
    assertSame(first, new Date(1));
    (first as Date).setTime(3);
    assertSame(await loaded(store), new Date(1));
  },

  'has what was saved last, whatever came before': async ({ store, again }) => {
    for (const position of [idOf(2), idOf(1), new Date(5), idOf(1), idOf(1)]) {
      await saved(store, position);
      assertSame(await loaded(store), position);
    }
    assertSame(await loaded(again), idOf(1));
  },

  'has what was saved last, after many saves': async ({ store, again }) => {
    for (let count = 0; count < 100; count++) await saved(store, idOf(count));
    assertSame(await loaded(again), idOf(99));
  },

  'keeps the positions of orgs apart': ({ store, again }) =>
    keepsApart(
      store,
      again,
      ['00D000000000001', '00D000000000002', '00d000000000001', ''].map((organizationId) => ({
        ...KEY,
        organizationId,
      })),
    ),

  'keeps the positions of topics apart': ({ store, again }) =>
    keepsApart(
      store,
      again,
      ['/data/AccountChangeEvent', '/data/accountChangeEvent', '/data/A__ChangeEvent', '/data/A_ChangeEvent', '/'].map(
        (topic) => ({ ...KEY, topic }),
      ),
    ),

  'keeps the positions of names apart, however they are spelled': ({ store, again }) =>
    keepsApart(
      store,
      again,
      NAMES.map((name) => ({ ...KEY, name })),
    ),

  'lists the keys of what was saved, however they are spelled, when it has list()': async ({ store, again }) => {
    if (store.list === undefined || again.list === undefined) return;
    assert.deepEqual(await store.list(), []);
    const keys = NAMES.map((name) => ({ ...KEY, name }));
    const others = [
      { ...KEY, topic: '/data/LeadChangeEvent' },
      { ...KEY, organizationId: '00D000000000002' },
    ];
    for (const key of [...keys, ...others]) await store.save(key, idOf(1));
    await store.save(KEY, idOf(2));
    const listed = async (of?: Partial<PositionKey>) => (await again.list?.(of))?.map(textOf).sort();
    assert.deepEqual(await listed(), [...keys, KEY, ...others].map(textOf).sort());
    assert.deepEqual(await listed({ topic: '/data/LeadChangeEvent' }), others.slice(0, 1).map(textOf));
    assert.deepEqual(await listed({ organizationId: '00D000000000002', name: KEY.name }), others.slice(1).map(textOf));
    assert.deepEqual(await listed({ name: 'nobody' }), []);
  },

  'deletes a position, and no other one, when it has delete()': async ({ store, again }) => {
    if (store.delete === undefined) return;
    const other = { ...KEY, name: 'another' };
    await store.delete(KEY);
    for (const key of [KEY, other]) await saved(store, idOf(1), key);
    const lock = await store.lock?.(KEY);
    await store.delete(KEY);
    await lock?.release();
    for (const each of [store, again]) {
      assert.equal(await loaded(each), undefined, 'has a position that was deleted');
      assert.deepEqual((await each.list?.())?.map(textOf) ?? [textOf(other)], [textOf(other)]);
    }
    await store.delete(KEY);
    assertSame(await loaded(again, other), idOf(1));
    await saved(store, idOf(2));
    assertSame(await loaded(again), idOf(2));
  },

  'tells the parts of a key apart': ({ store, again }) =>
    keepsApart(store, again, [
      { organizationId: 'a', topic: 'b', name: 'c' },
      { organizationId: 'a', topic: 'c', name: 'b' },
      { organizationId: 'ab', topic: '', name: 'c' },
      { organizationId: '', topic: 'ab', name: 'c' },
      ...['-', '/', ':', ' ', '.'].flatMap((joint) => [
        { organizationId: 'a', topic: `b${joint}c`, name: 'd' },
        { organizationId: 'a', topic: 'b', name: `c${joint}d` },
      ]),
      { organizationId: 'a', topic: 'b","c', name: '' },
    ]),

  'serves many positions at the same time': async ({ store, again }) => {
    const keys = Array.from({ length: 20 }, (_, index) => ({ ...KEY, name: `consumer-${index}` }));
    await Promise.all(
      keys.map(async (key, index) => {
        for (let count = 0; count < 5; count++) await saved(store, idOf(index * 10 + count), key);
      }),
    );
    for (const [index, key] of keys.entries()) assertSame(await loaded(again, key), idOf(index * 10 + 4));
  },
};

/** The cases for stores with locks. */
export const CASES_OF_LOCKS: ContractTests<Stores> = {
  'refuses a position that is locked, also to another store': async ({ store, again }) => {
    const lock = await locked(store);
    await assertInUse(store, KEY);
    await assertInUse(again, KEY);
    await lock.release();
  },

  'loads and saves a position that it locked': async ({ store, again }) => {
    const lock = await locked(store);
    assert.equal(await loaded(store), undefined);
    for (const count of [1, 2, 3]) await saved(store, idOf(count));
    assertSame(await loaded(store), idOf(3));
    await lock.release();
    assertSame(await loaded(again), idOf(3));
  },

  'locks a position again, when it was released': async ({ store, again }) => {
    for (const next of [store, again, again, store]) await (await locked(next)).release();
  },

  'keeps the lock of another, when one is released twice': async ({ store, again }) => {
    const first = await locked(store);
    await first.release();
    const second = await locked(again);
    await first.release();
    await assertInUse(store, KEY);
    await second.release();
  },

  'locks positions independently of one another': async ({ store, again }) => {
    const keys = NAMES.map((name) => ({ ...KEY, name }));
    const locks: PositionLock[] = [];
    for (const [index, key] of keys.entries()) locks.push(await locked(index % 2 ? store : again, key));
    for (const key of keys) await assertInUse(store, key);
    await Promise.all(locks.map((lock) => lock.release()));
  },

  'gives a lock to one, when many ask at the same time': async ({ store, again }) => {
    const results = await Promise.allSettled([store, again, store, again].map((each) => locked(each)));
    const winners = results.filter((result) => result.status === 'fulfilled');
    assert.equal(winners.length, 1);
    results.forEach((result) => result.status === 'rejected' && assertIsInUse(result.reason));
    await winners[0]?.value.release();
  },
};

/** The cases for stores without locks. */
export const CASES_WITHOUT_LOCKS: ContractTests<Stores> = {
  'has no lock': ({ store }) => Promise.resolve(assert.ok(!store.lock, 'has a lock')),
};

async function keepsApart(store: ReplayStore, again: ReplayStore, keys: readonly PositionKey[]): Promise<void> {
  for (const [index, key] of keys.entries()) {
    assert.equal(await loaded(store, key), undefined, `has something for ${JSON.stringify(key)}`);
    await saved(store, idOf(index), key);
  }
  for (const [index, key] of keys.entries()) {
    assertSame(await loaded(again, key), idOf(index));
  }
}

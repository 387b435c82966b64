import assert from 'node:assert/strict';
import { ReplayId } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue } from '../dead-letter-queue.js';
import { assertSame, letterOf, listed, put, type Cases } from './queue-kit.js';

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, index) => index);

/** Texts that break code which takes them for lines, for JSON or for UTF-8. */
const TEXTS = [
  ...[
    '',
    ' ',
    '\0',
    '\n',
    '\r\n',
    '\u2028\u2029',
    '"',
    '\\',
    '\\"',
    '\\n',
    "'",
    '`',
    ',',
    '}',
    '{"a":1}',
    '[]',
    'null',
  ],
  ...['\ud800', '\udfff', 'a\udfffb\ud800c', '\ud83d\ude00', '\u00e4', 'a\u0308', '\ufeff', '\ufffd', '\ufffe'],
  ...[',"letter":', ',"checksum":"00000000"}', '$', '$bigint', '{"$bigint":"1"}', '%s', '__proto__'],
];

const VALUES: Readonly<Record<string, unknown>> = {
  null: null,
  undefined,
  booleans: [true, false],
  numbers: [0, -1, 0.1, 1e21, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, NaN, Infinity, -Infinity],
  bigints: [0n, -1n, 1709303151782928388n, 2n ** 200n],
  texts: TEXTS,
  dates: [new Date(0), new Date(1_769_558_400_123), new Date(-1), new Date(8.64e15)],
  bytes: [new Uint8Array(0), EVERY_BYTE, EVERY_BYTE.subarray(3, 7), new Uint8Array(100_000).fill(0xff)],
  buffers: [Buffer.alloc(0), Buffer.from(EVERY_BYTE)],
  sets: [new Set(), new Set<unknown>([1, 'a', 2n, new Set([null])])],
  maps: [
    new Map(),
    new Map<unknown, unknown>([
      ['a', 1n],
      [2n, new Map([[1, undefined]])],
    ]),
  ],
  'nothing in it': [[], {}, [[]], [{}]],
  'undefined in it': { a: undefined, b: [undefined, 1, undefined] },
  'names of fields': Object.fromEntries(TEXTS.map((name, index) => [name, index])),
  'what looks like something else': [
    ...['$undefined', '$number', '$bigint', '$date', '$bytes', '$replayId', '$map', '$set', '$$date'].flatMap(
      (name) => [{ [name]: true }, { [name]: '1' }, { [name]: { [name]: [] } }, { [name]: 1, [`$${name}`]: 2 }],
    ),
    { type: 'Buffer', data: [1, 2] },
  ],
  'much below': Array.from({ length: 100 }).reduce((below) => ({ below: [below] }), 5n),
  'much of it': Array.from({ length: 10_000 }, (_, index) => ({ index, text: `text ${index}` })),
  'the same twice': ((one) => [one, one, { one }])({ a: 1n }),
};

class Money {
  // eslint-disable-next-line no-restricted-syntax -- A value that codecs cannot see.
  readonly #secret = 1;
  constructor(
    readonly amount: bigint,
    readonly currency: string,
  ) {}
  plus(): number {
    return this.#secret;
  }
}

/** The behaviour of every queue for the values in a letter. */
export const CASES_OF_VALUES: Cases = {
  ...Object.fromEntries(
    Object.entries(VALUES).map(([what, value]) => [
      `gives back a value as it was: ${what}`,
      async ({ queue, again }: Parameters<Cases[string]>[0]) => {
        await put(queue, letterOf('a', 1, { value }));
        assertSame(await onlyIn(queue), letterOf('a', 1, { value }));
        assertSame(await queue.take({ limit: 1 }), [letterOf('a', 1, { value })]);
        assertSame(await onlyIn(await again()), letterOf('a', 1, { value }));
      },
    ]),
  ),

  'gives back replay ids': async ({ queue, again }) => {
    const ids = [Uint8Array.of(0), EVERY_BYTE, new Uint8Array(10)].map((bytes) => ReplayId.fromBytes(bytes));
    await put(queue, letterOf('a', 1, { value: { ids } }));
    for (const each of [queue, await again()]) {
      const { value } = (await onlyIn(each)) as DeadLetter<{ ids: ReplayId[] }>;
      assert.ok(
        value.ids.every((id) => id instanceof ReplayId),
        'are no ReplayIds',
      );
      assertSame(value.ids.map(String), ids.map(String));
    }
  },

  'gives back a date that is none': async ({ queue, again }) => {
    await put(queue, letterOf('a', 1, { value: new Date(NaN) }));
    for (const each of [queue, await again()]) {
      const { value } = await onlyIn(each);
      assert.ok(value instanceof Date && Number.isNaN(value.getTime()), 'is another date, or none');
    }
  },

  'gives back everything else that a letter has': async ({ queue, again }) => {
    const letter = letterOf('/data/A:AAA=:1\n😀"', 1_769_558_400_124, {
      payload: EVERY_BYTE,
      schemaId: 'xYz-_1',
      topic: '/data/LeadChangeEvent',
      replayId: 'AAAAAAABnEsAAA==',
      error: { name: 'TypeError', message: 'a\nb', code: 'E"1', stack: 'TypeError: a\n    at b' },
      attempts: 7,
      firstFailedAt: 1_769_558_400_123,
    });
    await put(queue, letter);
    for (const each of [queue, await again()]) assertSame(await onlyIn(each), letter);
  },

  'tells letters apart, however their ids are spelled': async ({ queue, again }) => {
    const ids = [...TEXTS, 'a', 'A', 'x'.repeat(2_000), 'constructor'];
    await put(queue, ...ids.map((id, index) => letterOf(id, index)));
    for (const each of [queue, await again()])
      assertSame(
        (await listed(each)).map(({ id }) => id),
        ids,
      );
    for (const [index, id] of ids.entries()) {
      await queue.remove([id]);
      assert.equal(await queue.depth(), ids.length - index - 1);
    }
  },

  'gives back the fields of an object of a class, and what its toJSON() gives': async ({ queue, again }) => {
    const value = [
      new Money(5n, 'EUR'),
      new URL('https://example.com/a'),
      Object.assign(Object.create(null), { a: 1 }),
    ];
    await put(queue, letterOf('a', 1, { value }));
    const expected = [{ amount: 5n, currency: 'EUR' }, 'https://example.com/a', { a: 1 }];
    for (const each of [queue, await again()]) assertSame((await onlyIn(each)).value, expected);
  },

  'leaves out functions and symbols': async ({ queue, again }) => {
    const value = { a: 1, b: () => 1, c: Symbol('c'), [Symbol('d')]: 1, e: [() => 1, Symbol('f'), 2] };
    await put(queue, letterOf('a', 1, { value }));
    const expected = { a: 1, e: [undefined, undefined, 2] };
    for (const each of [queue, await again()]) assertSame((await onlyIn(each)).value, expected);
  },

  'has a letter as it was when it was put, when the value is changed later': async ({ queue, again }) => {
    const value = { date: new Date(1), bytes: Uint8Array.of(1), list: [1] };
    const change = (each: typeof value) => {
      each.date.setTime(2);
      each.bytes[0] = 2;
      each.list.push(2);
    };
    const isPut = put(queue, letterOf('a', 1, { value }));
    change(value);
    await isPut;
    const before = { date: new Date(1), bytes: Uint8Array.of(1), list: [1] };
    for (const each of [queue, await again(), queue]) {
      const kept = (await onlyIn(each)).value as typeof value;
      assertSame(kept, before);
      change(kept);
    }
  },
};

async function onlyIn(queue: DeadLetterQueue): Promise<DeadLetter> {
  const [letter, ...others] = await listed(queue);
  assert.ok(letter && others.length === 0, 'has not one letter');
  return letter;
}

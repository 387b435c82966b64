import { expect } from 'chai';
import type { KafkaMessage } from 'kafkajs';
import { SchemaReader } from './schema-reader.js';

const message = (offset: number, key: string, value: string | null) =>
  ({
    offset: String(offset),
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  }) as KafkaMessage;

describe('SchemaReader', () => {
  let seats: number;
  let orders: string[];
  let reader: SchemaReader;

  beforeEach(() => {
    seats = 0;
    orders = [];
    reader = new SchemaReader(1, () => {
      seats++;
      const note = (order: string) => () => void orders.push(order);
      return { setFetching: () => undefined, leave: note('leave'), giveUp: note('giveUp') };
    });
  });

  it('keeps the first schema of each id, also where compaction has left holes', async () => {
    const all = reader.readUpTo(9n);
    reader.take([message(2, 'one', '{"first":1}'), message(5, 'two', '{}')]);
    reader.take([message(6, 'one', '{}'), message(8, 'three', null)]);
    await all;
    expect(['one', 'two', 'three'].map((id) => reader.find(id))).to.deep.equal(['{"first":1}', '{}', undefined]);
    expect(reader.fetched).to.equal(9n);
  });

  it('takes one place for all who wait, and none when nothing is left to read', async () => {
    const waits = [reader.readUpTo(1n), reader.readUpTo(2n)];
    reader.take([message(0, 'one', '{}')]);
    await waits[0];
    reader.take([message(1, 'two', '{}')]);
    await waits[1];
    await reader.readUpTo(2n);
    expect(seats).to.equal(1);
  });

  it('rejects for all who wait, when it gives its consumer up, and takes another one for the next', async () => {
    const waits = [1n, 2n].map((high) => reader.readUpTo(high).catch((error: unknown) => error));
    const late = new Error('late');
    reader.giveUp(late);
    expect(await Promise.all(waits)).to.deep.equal([late, late]);
    expect(orders).to.deep.equal(['leave', 'giveUp']);
    const next = reader.readUpTo(1n);
    expect(seats).to.equal(2);
    reader.take([message(0, 'one', '{}')]);
    await next;
  });

  it('rejects for all who wait, when its place is gone, and takes another one for the next', async () => {
    const waits = [1n, 2n].map((high) => reader.readUpTo(high).catch((error: unknown) => error));
    const gone = new Error('gone');
    reader.fail(gone);
    expect(await Promise.all(waits)).to.deep.equal([gone, gone]);
    const next = reader.readUpTo(1n);
    expect(seats).to.equal(2);
    reader.take([message(0, 'one', '{}')]);
    await next;
  });
});

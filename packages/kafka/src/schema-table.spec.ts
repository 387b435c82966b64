import { EventLogError } from '@rxforce/core';
import { expect } from 'chai';
import type { KafkaMessage } from 'kafkajs';
import { SchemaTable, type SchemaTableParts } from './schema-table.js';
import type { PartitionReader } from './topic-consumer.js';

/** Consumers that bring something from a certain one on. */
function tableOf(bringsFrom: number) {
  const told = { seats: 0, isGivenUp: false };
  const message = { offset: '0', key: Buffer.from('one'), value: Buffer.from('{}') } as unknown as KafkaMessage;
  const seat = (_topic: string, _partitions: number, reader: PartitionReader) => {
    const brings = ++told.seats >= bringsFrom;
    const setFetching = () => {
      if (brings) queueMicrotask(() => void reader.take([message]));
    };
    return { setFetching, leave: () => undefined, giveUp: () => void (told.isGivenUp = true) };
  };
  const bounds = { of: () => Promise.resolve({ low: 0n, high: 1n }) };
  const parts = { topics: { schemas: 'crm.schemas' }, bounds, readers: { seat }, timeoutMs: 1_000, readMs: 20 };
  return { told, table: new SchemaTable(parts as unknown as SchemaTableParts) };
}

describe('SchemaTable', () => {
  it('has what its consumer brings', async () => {
    const { told, table } = tableOf(1);
    expect(await table.find('one', 1)).to.equal('{}');
    expect(await table.find('one', 1)).to.equal('{}');
    expect(told).to.deep.equal({ seats: 1, isGivenUp: false });
  });

  it('rejects and gives its consumer up, when nothing comes in time, and reads by another one', async () => {
    const { told, table } = tableOf(2);
    const failure = await table.find('one', 1).catch((error: unknown) => error);
    expect(EventLogError.is(failure) && failure.retriable).to.equal(true);
    expect(told.isGivenUp).to.equal(true);
    expect(await table.find('one', 1)).to.equal('{}');
    expect(told.seats).to.equal(2);
  });
});

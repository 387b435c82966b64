import { expect } from 'chai';
import type { LogEntry } from '@rxforce/core';
import { ReplayId } from '@rxforce/core/model';
import { entryOf, requestsOf } from './log-message.js';

const entry = (bytes: number, id = 'e'): LogEntry => ({
  ...{ partition: 0, id, schemaId: 's', origin: ReplayId.fromBytes(Buffer.alloc(10)), payload: Buffer.alloc(bytes) },
});

describe('requestsOf', () => {
  it('divides entries into requests of half a megabyte at most, in order', () => {
    const some = Array.from({ length: 10 }, (_, index) => entry(200_000, `e${index}`));
    const requests = requestsOf(some);
    expect(requests.map((each) => each.length)).to.deep.equal([2, 2, 2, 2, 2]);
    expect(requests.flat()).to.deep.equal(some);
  });

  it('lets an entry go alone that is larger', () => {
    const some = [entry(10), entry(900_000), entry(900_000), entry(10), entry(20)];
    expect(requestsOf(some).map((each) => each.length)).to.deep.equal([1, 1, 1, 2]);
    expect(requestsOf([])).to.deep.equal([]);
  });
});

describe('entryOf', () => {
  it('finds no entry in a message that lacks a header of the log', () => {
    const message = { key: null, value: null, timestamp: '0', attributes: 0, offset: '7' };
    expect(entryOf({ ...message, headers: {} }, 0)).to.equal(undefined);
    expect(entryOf({ ...message, headers: { 'rxforce.id': 'x', 'rxforce.schema': 's' } }, 0)).to.equal(undefined);
    expect(entryOf({ ...message, size: 0 }, 0)).to.equal(undefined);
  });
});

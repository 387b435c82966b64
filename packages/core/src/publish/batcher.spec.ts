import { expect } from 'chai';
import fc from 'fast-check';
import { Batcher, type BatchLimits } from './batcher.js';

/** Gives a batcher items, taking each request once it is full, and what is left at the end. */
function requestsOf(sizes: readonly number[], limits: BatchLimits): number[][] {
  const batcher = new Batcher<number>(limits);
  const requests: number[][] = [];
  sizes.forEach((size, index) => {
    batcher.offer(index, size);
    while (batcher.isFull) requests.push(batcher.take());
  });
  if (!batcher.isEmpty) requests.push(batcher.take());
  return requests;
}

describe('Batcher', () => {
  it('is full with maxEvents items', () => {
    const limits = { maxEvents: 2, maxBytes: 1_000, envelopeBytes: 10 };
    expect(requestsOf([1, 1, 1, 1, 1], limits)).to.deep.equal([[0, 1], [2, 3], [4]]);
  });

  it('is full when an item does not fit, which is the first of the next request', () => {
    const limits = { maxEvents: 10, maxBytes: 100, envelopeBytes: 10 };
    expect(requestsOf([45, 45, 1, 90, 90], limits)).to.deep.equal([[0, 1], [2], [3], [4]]);
  });

  it('gives back all that was not taken', () => {
    const batcher = new Batcher<string>({ maxEvents: 10, maxBytes: 100, envelopeBytes: 0 });
    batcher.offer('a', 60);
    batcher.offer('b', 60);
    expect(batcher.takeBack()).to.deep.equal(['a', 'b']);
    expect(batcher).to.include({ isEmpty: true, isFull: false });
  });

  it('sends every item once, in order, within the limits and in requests as full as can be', () => {
    const runs = fc.record({
      maxEvents: fc.integer({ min: 1, max: 8 }),
      envelopeBytes: fc.integer({ min: 0, max: 20 }),
      room: fc.integer({ min: 1, max: 60 }),
      shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }),
    });
    fc.assert(
      fc.property(runs, ({ maxEvents, envelopeBytes, room, shares }) => {
        const sizes = shares.map((share) => Math.max(1, Math.round(share * room)));
        const maxBytes = envelopeBytes + room;
        const requests = requestsOf(sizes, { maxEvents, maxBytes, envelopeBytes });
        const bytesOf = (items: number[]) => items.reduce((sum, item) => sum + (sizes[item] ?? 0), envelopeBytes);
        expect(requests.flat()).to.deep.equal(sizes.map((_, index) => index));
        for (const [at, request] of requests.entries()) {
          expect(request.length).to.be.within(1, maxEvents);
          expect(bytesOf(request)).to.be.at.most(maxBytes);
          const [next] = requests[at + 1] ?? [];
          const isFull = request.length === maxEvents || bytesOf([...request, next ?? -1]) > maxBytes;
          expect(next === undefined || isFull).to.equal(true);
        }
      }),
    );
  });
});

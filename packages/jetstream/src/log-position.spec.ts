import { ReplayId } from '@rxforce/core/model';
import { expect } from 'chai';
import fc from 'fast-check';
import { positionOf, sequenceIn, stampOf } from './log-position.js';

describe('positionOf', () => {
  it('has ten bytes, in which the sequence and the stamp are found again', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat({ max: 0xffff }), (sequence, stamp) => {
        const position = positionOf(sequence, stamp);
        expect(position.toBytes()).to.have.length(10);
        expect(sequenceIn(position)).to.deep.equal({ sequence, stamp });
      }),
    );
  });

  it('is none, when it has another length, and beyond all, when its sequence is no number', () => {
    for (const length of [1, 8, 11]) expect(sequenceIn(ReplayId.fromBytes(new Uint8Array(length)))).to.equal(undefined);
    expect(sequenceIn(ReplayId.fromBytes(new Uint8Array(10).fill(0x7f)))?.sequence).to.equal(Infinity);
  });
});

describe('stampOf', () => {
  it('fits into two bytes, is never 0, and differs from one millisecond to the next', () => {
    fc.assert(
      fc.property(fc.nat({ max: 8.64e15 }), (timeMs) => {
        expect(stampOf(timeMs)).to.be.within(1, 0xffff);
        expect(stampOf(timeMs)).not.to.equal(stampOf(timeMs + 1));
      }),
    );
  });
});

import { expect } from 'chai';
import { decodeReplayId, encodeReplayId, replayIdKey } from './replay-id.js';

describe('Replay ids', () => {
  it('have ten bytes and give their position back, when it is large', () => {
    for (const position of [1, 10_963_001, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const replayId = encodeReplayId(position);
      expect(replayId).to.have.length(10);
      expect(decodeReplayId(replayId)).to.equal(position);
      expect(decodeReplayId(replayId.subarray(0, 8))).to.equal(position);
      expect(replayIdKey(replayId)).to.equal(replayIdKey(replayId.subarray(0, 8)));
    }
  });

  it('look as the service makes them, when they are printed', () => {
    expect(encodeReplayId(0xa74839).toString('hex')).to.equal('0000000000a748390000');
  });

  it('name no position, when they have not the form of one', () => {
    const tooLong = Buffer.alloc(11);
    const tail = Buffer.from('0000000000a748390001', 'hex');
    const beyond = Buffer.alloc(10, 0xff).fill(0, 8);
    for (const replayId of [Buffer.alloc(0), Buffer.from('12907414x'), tooLong, tail, beyond]) {
      expect(decodeReplayId(replayId)).to.equal(undefined);
    }
  });
});

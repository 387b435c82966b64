import { expect } from 'chai';
import { PositionCorruptedError, ReplayId } from '@rxforce/core';
import { decodeState, encodeState, NO_STATE, type SnapshotState } from './snapshot-state.js';

const KEY = { organizationId: '00D', topic: '/data/X', name: 'x:snapshot' };
const STATE: SnapshotState = {
  ...{ phase: 'reading', read: ['Account'], entity: 'Contact', cursor: '{"after":"003"}', rows: 7, startedAt: 12 },
};

describe('The state of a snapshot', () => {
  it('is the same after it was stored as a position', () => {
    for (const state of [STATE, { ...NO_STATE, phase: 'done', startedAt: 0 } as const]) {
      expect(decodeState(KEY, ReplayId.parse(encodeState(state).toString()))).to.deep.equal(state);
    }
  });

  it('is refused, when a position holds anything else', () => {
    const texts = [
      '',
      'null',
      '{}',
      '[]',
      '{"v":1}',
      ...[{ phase: 'over' }, { read: [1] }, { read: 'Account' }, { cursor: 1 }, { rows: -1 }, { startedAt: 'now' }].map(
        (wrong) => JSON.stringify({ v: 1, ...STATE, ...wrong }),
      ),
      JSON.stringify({ ...STATE, v: 2 }),
    ];
    for (const text of texts) {
      expect(() => decodeState(KEY, ReplayId.fromBytes(Buffer.from(text))), text)
        .to.throw('x:snapshot')
        .instanceOf(PositionCorruptedError);
    }
    expect(() => decodeState(KEY, new Date())).to.throw(PositionCorruptedError);
  });
});

import { expect } from 'chai';
import { ConfigurationError, ReplayId } from '@rxforce/core';
import { replayFromOf } from './replay-from.js';

describe('replayFromOf', () => {
  it('takes latest, earliest, a time and a replay id', () => {
    expect(['latest', 'earliest'].map(replayFromOf)).to.deep.equal(['latest', 'earliest']);
    expect(replayFromOf('2026-01-31T12:00:00Z')).to.deep.equal(new Date(Date.UTC(2026, 0, 31, 12)));
    const id = ReplayId.fromBytes(Uint8Array.of(0, 0, 0, 0, 0, 14, 237, 77, 0, 0));
    expect((replayFromOf(id.toString()) as ReplayId).equals(id)).to.equal(true);
  });

  for (const text of ['soon', 'yesterday', '2026-13-45', '12345678', 'newest', 'not base64!', '']) {
    it(`refuses "${text}", of which a replay id could be made`, () => {
      expect(() => replayFromOf(text)).to.throw(ConfigurationError, 'must be latest, earliest, a time such as');
    });
  }
});

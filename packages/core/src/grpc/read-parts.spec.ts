import { expect } from 'chai';
import { dropReadParts } from './read-parts.js';

describe('dropReadParts', () => {
  const chunk = Buffer.from([1, 2, 3]);
  const decoderWith = (readMessageRemaining: number, flag = 0) => ({
    readMessageRemaining,
    readPartialMessage: [chunk],
    readCompressFlag: Buffer.of(9, flag).subarray(1),
  });

  it('lets go of the parts of a message that is whole, however deep the call is', () => {
    const decoder = decoderWith(0);
    dropReadParts({ call: { child: { underlyingCalls: [{ call: { decoder } }] } } });
    expect(decoder.readPartialMessage).to.deep.equal([]);
    expect(decoder.readCompressFlag.buffer.byteLength).to.equal(1);
  });

  it('keeps the parts of a message of which bytes are missing', () => {
    const decoder = decoderWith(1);
    dropReadParts({ decoder });
    expect(decoder.readPartialMessage).to.deep.equal([chunk]);
  });

  it('keeps the first byte of the next message, which may have begun', () => {
    const decoder = decoderWith(0, 1);
    dropReadParts({ decoder });
    expect([...decoder.readCompressFlag]).to.deep.equal([1]);
  });

  it('changes nothing of a call that it does not know', () => {
    const call = { other: { readPartialMessage: [chunk] } };
    dropReadParts(call);
    dropReadParts(undefined);
    expect(call.other.readPartialMessage).to.deep.equal([chunk]);
  });
});

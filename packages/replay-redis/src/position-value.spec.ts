import { ReplayId } from '@rxforce/core/model';
import { expect } from 'chai';
import fc from 'fast-check';
import { formatPosition, parsePosition } from './position-value.js';

describe("A position's value", () => {
  it('gives back any position', () => {
    const ids = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => ReplayId.fromBytes(bytes));
    fc.assert(
      fc.property(fc.oneof(ids, fc.date({ noInvalidDate: true })), fc.maxSafeNat(), (position, fence) => {
        const [kind, text] = formatPosition(position);
        expect(parsePosition(`1${kind} ${fence} - ${text}`)).to.deep.equal(position);
        expect(String(parsePosition(`1${kind} ${fence} AbC_-123 ${text}`))).to.equal(String(position));
      }),
    );
  });

  it('is refused, when it is cut off within its first parts, or within four characters of base64', () => {
    const text = '1i 1764000000000 abcdefgh AAAAAAAAAAEAAA==';
    expect(parsePosition(text)).to.be.instanceOf(ReplayId);
    const start = text.lastIndexOf(' ') + 1;
    for (let length = 0; length < text.length; length++) {
      const isWhole = length > start && (length - start) % 4 === 0;
      if (!isWhole) expect(parsePosition(text.slice(0, length)), `${length} characters`).to.equal(undefined);
    }
  });
});

import { expect } from 'chai';
import { ServiceError } from './errors.js';
import { plainText } from './plain-text.js';

const ESCAPE = String.fromCharCode(27);
const odd = [ESCAPE, '\n', '\r', '\u0000', '\u0007', '\u007f', '\u009b', '\u2028', '\u202e', '\u2066', '\ufeff'];

describe('plainText', () => {
  for (const character of odd) {
    it(`keeps U+${character.charCodeAt(0).toString(16).padStart(4, '0')} out`, () => {
      expect(plainText(`a${character}${character}b`)).to.equal('a b');
    });
  }

  it('leaves words of any language as they are', () => {
    expect(plainText('Größe 大きさ ☕ 👍')).to.equal('Größe 大きさ ☕ 👍');
  });

  it('cuts what is long, and between two characters', () => {
    expect(plainText('x'.repeat(2_000))).to.equal(`${'x'.repeat(500)}… (1500 characters more)`);
    expect(plainText('👍👍', 3)).to.equal('👍… (2 characters more)');
    expect(plainText('abc', 3)).to.equal('abc');
  });
});

describe('Messages of errors', () => {
  it('have nothing in them that a terminal obeys, whichever way it came in', () => {
    const details = { rpcId: `r${ESCAPE}[2J`, serviceCode: `c\n${'x'.repeat(900)}`, schemaId: '\u202es' };
    const error = new ServiceError(`The service says: ${odd.join('')}${'x'.repeat(50_000)}`, details);
    for (const text of [
      error.message,
      error.rpcId!,
      error.serviceCode!,
      error.schemaId!,
      error.stack!.split('\n    at ')[0]!,
    ]) {
      expect(odd.filter((character) => text.includes(character))).to.deep.equal([]);
      expect(text.length).to.be.lessThan(4_100);
    }
  });
});

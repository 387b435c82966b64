import { expect } from 'chai';
import { arrayLiteral } from './array-literal.js';

describe('An array of PostgreSQL', () => {
  it('has its elements quoted where they are texts', () => {
    const texts = ['', 'a', 'a"b', 'a\\b', 'NULL', '{1,2}', '\n'];
    expect(arrayLiteral(texts)).to.equal('{"","a","a\\"b","a\\\\b","NULL","{1,2}","\n"}');
  });

  it('has numbers, booleans, bytes and null as they are', () => {
    const values = [1.5, -Infinity, NaN, 2n ** 60n, true, false, null, undefined, Uint8Array.of(0, 255)];
    expect(arrayLiteral(values)).to.equal('{1.5,-Infinity,NaN,1152921504606846976,true,false,NULL,NULL,"\\\\x00ff"}');
  });
});

import { expect } from 'chai';
import { ConnectionError } from '../model/errors.js';
import { errorTypeOf, errorTypes } from './error-type.js';

class OutOfStock extends Error {}

describe('errorTypeOf()', () => {
  it('is the code of an error of rxforce, and the class of another error', () => {
    expect(errorTypeOf(new ConnectionError('broken'))).to.equal('connection');
    expect(errorTypeOf(new OutOfStock('no more of 0015g00000A1b2CAAR'))).to.equal('OutOfStock');
    expect(errorTypeOf(new TypeError('wrong'))).to.equal('TypeError');
  });

  it('is _OTHER for what is no error, or has no plain name', () => {
    const strange = new Error('strange');
    Object.defineProperty(strange, 'constructor', { value: { name: 'https://example.com/?token=1' } });
    expect(['text', undefined, null, { code: 'connection' }, strange].map(errorTypeOf)).to.deep.equal(
      Array<string>(5).fill('_OTHER'),
    );
  });

  it('takes a hundred names of classes, and no more', () => {
    const typeOf = errorTypes();
    const named = (name: string) => typeOf(new { [name]: class extends Error {} }[name]!());
    const types = new Set(Array.from({ length: 300 }, (_, index) => named(`Made${index}`)));
    expect(types.size).to.equal(101);
    expect(types.has('_OTHER')).to.equal(true);
    expect(named('Made0')).to.equal('Made0');
  });
});

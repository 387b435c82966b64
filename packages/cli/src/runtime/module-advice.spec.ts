import { expect } from 'chai';
import { adviceOnModule } from './module-advice.js';

describe('adviceOnModule', () => {
  const missing = (message: string) => Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });

  it('says what to install, when a package is missing', () => {
    expect(adviceOnModule(missing("Cannot find package '@rxforce/cli' imported from /a/orders.js"))).to.equal(
      ' Install it beside the module: npm install @rxforce/cli',
    );
  });

  it('names .mjs, when the file is taken for CommonJS', () => {
    for (const message of ['Cannot use import statement outside a module', "Unexpected token 'export'"]) {
      expect(adviceOnModule(new SyntaxError(message))).to.include('end with .mjs');
    }
  });

  it('says nothing about anything else', () => {
    for (const cause of [
      missing("Cannot find module '/a/b.js'"),
      new SyntaxError('Unexpected end of input'),
      undefined,
    ]) {
      expect(adviceOnModule(cause)).to.equal('');
    }
  });
});

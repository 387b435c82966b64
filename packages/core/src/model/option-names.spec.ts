import { expect } from 'chai';
import { ConfigurationError } from './errors.js';
import { checkOptionNames } from './option-names.js';

describe('checkOptionNames', () => {
  const names = ['concurrency', 'keyBy', 'timeoutMs', 'scheduler'];

  it('takes any of the names, and none', () => {
    checkOptionNames({}, names);
    checkOptionNames({ keyBy: undefined, concurrency: 4 }, names);
    checkOptionNames(Object.assign(Object.create(null) as object, { keyBy: 1 }), names);
  });

  it('passes over names that are of others', () => {
    checkOptionNames({ keyBy: 1, username: 'a' }, names, { others: ['username'] });
    expect(() => checkOptionNames({ user: 1 }, names, { others: ['username'] })).to.throw(/^((?!username).)*$/);
  });

  it('names the option that was probably meant, whatever its case', () => {
    const misspelled = { concurency: 4 };
    expect(() => checkOptionNames(misspelled, names, { of: 'handle()' })).to.throw(
      ConfigurationError,
      'handle() has no option "concurency". Did you mean "concurrency"? The options are concurrency, keyBy,',
    );
    expect(() => checkOptionNames({ keyby: 1 }, names)).to.throw(/There is no option "keyby"\. Did you mean "keyBy"\?/);
    const inside = { prefix: 'replay.' };
    expect(() => checkOptionNames({ stroe: 1 }, ['store'], inside)).to.throw('Did you mean "replay.store"?');
  });

  it('lists the options, where none comes close', () => {
    expect(() => checkOptionNames({ retries: 1 }, names)).to.throw(/"retries"\. The options are/);
    expect(() => checkOptionNames(JSON.parse('{"__proto__":1}'), names)).to.throw('There is no option "__proto__"');
    expect(() => checkOptionNames({ constructor: 1 }, names)).to.throw('There is no option "constructor"');
  });

  for (const [what, options] of [
    ['a number', 5],
    ['a text', 'x'],
    ['null', null],
    ['an array', []],
    ['a function', () => undefined],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => checkOptionNames(options, names, { of: 'handle()' })).to.throw(
        ConfigurationError,
        'handle(): the options must be an object of concurrency, keyBy, timeoutMs, …, and not',
      );
    });
  }
});

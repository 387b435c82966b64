import { expect } from 'chai';
import { ConfigurationError } from './errors.js';
import { checkOptionNames } from './option-names.js';

const check = (options: unknown) => () => checkOptionNames('mend()', options, ['clientId', 'timeoutMs'], ['username']);

describe('checkOptionNames', () => {
  it('takes names that are known, and those that are passed over', () => {
    expect(check({ clientId: 'a', username: 'b' })).not.to.throw();
    expect(check({})).not.to.throw();
  });

  for (const [options, kind] of [
    [null, 'null'],
    [undefined, 'undefined'],
    ['secret', 'a text'],
    [5, 'a number'],
    [['secret'], 'an array'],
    [() => 'secret', 'a function'],
  ] as const) {
    it(`says what it was given, when that is ${kind}, and what it takes`, () => {
      expect(check(options))
        .to.throw(
          ConfigurationError,
          `options of mend() must be an object with any of clientId, timeoutMs, but are ${kind}`,
        )
        .with.property('message')
        .that.does.not.include('secret');
    });
  }

  it('names the closest one for a misspelt name, and all there are', () => {
    expect(check({ clientID: 'secret' })).to.throw(
      ConfigurationError,
      /no option "clientID"\. The options are clientId, timeoutMs\. Is "clientId" meant\?$/,
    );
    expect(check({ somethingElse: 1 })).to.throw(
      ConfigurationError,
      /"somethingElse"\. The options are clientId, timeoutMs\.$/,
    );
  });
});

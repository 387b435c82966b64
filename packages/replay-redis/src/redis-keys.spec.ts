import { expect } from 'chai';
import fc from 'fast-check';
import { checkedPrefix, hashTag } from './redis-keys.js';

describe('hashTag', () => {
  it('can be read', () => {
    expect(hashTag('rxforce', ['00D1', '/data/AccountChangeEvent', 'crm-sync'])).to.equal(
      '{rxforce:00D1:/data/AccountChangeEvent:crm-sync}',
    );
  });

  it('escapes what is not printable ASCII, colons, braces and itself', () => {
    expect(hashTag('p', ['a b', '{}', ':', '%', '\0', 'ä', '名', '\ud83d'])).to.equal(
      '{p:a%20b:%7b%7d:%3a:%25:%00:%e4:%u540d:%ud83d}',
    );
  });

  it('is another for other parts', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(':', '%', '3', 'a', 'u', '}') }),
    );
    const parts = fc.array(part, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(hashTag('p', one) === hashTag('p', other)).to.equal(JSON.stringify(one) === JSON.stringify(other));
      }),
      {
        examples: [
          [
            ['a:', 'b'],
            ['a', ':b'],
          ],
          [['%3a'], [':']],
          [['\u00e41'], ['\u0e41']],
        ],
      },
    );
  });

  it('is one tag, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (parts) => {
        expect(hashTag('p', parts)).to.match(/^\{[!-z|~]+\}$/);
      }),
    );
  });
});

describe('checkedPrefix', () => {
  it('is "rxforce" by default', () => {
    expect(checkedPrefix(undefined)).to.equal('rxforce');
    expect(checkedPrefix('app:eu')).to.equal('app:eu');
  });

  it('refuses what would end the tag', () => {
    for (const prefix of ['', '{', 'a}', 'a b', 'a\n', 1, null]) {
      expect(() => checkedPrefix(prefix)).to.throw(/prefix is .* without braces/);
    }
  });
});

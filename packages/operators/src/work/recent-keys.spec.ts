import { expect } from 'chai';
import fc from 'fast-check';
import { RecentKeys } from './recent-keys.js';

describe('RecentKeys', () => {
  it('remembers what was noted, and notes something else', () => {
    const recent = new RecentKeys<string>(2);
    recent.set('a', '1');
    expect([recent.see('a'), recent.see('b')]).to.deep.equal(['1', undefined]);
    recent.set('a', '2');
    expect([recent.see('a'), recent.count]).to.deep.equal(['2', 1]);
  });

  it('forgets the key that was not seen for the longest time', () => {
    const recent = new RecentKeys<string>(2);
    recent.set('a', '1');
    recent.set('b', '2');
    recent.see('a');
    recent.set('c', '3');
    expect(['a', 'b', 'c'].map((key) => recent.see(key))).to.deep.equal(['1', undefined, '3']);
  });

  it('replaces a note only while it is the same one, and does not count that as seeing', () => {
    const recent = new RecentKeys<string>(2);
    recent.set('a', 'old');
    recent.set('b', 'old');
    recent.replace('a', 'other', 'new');
    expect(recent.see('b')).to.equal('old');
    recent.replace('a', 'old', 'new');
    recent.set('c', 'old');
    expect(['a', 'b', 'c'].map((key) => recent.see(key))).to.deep.equal([undefined, 'old', 'old']);
    recent.replace('b', 'old', undefined);
    recent.replace('x', 'old', 'new');
    expect([recent.see('b'), recent.see('x'), recent.count]).to.deep.equal([undefined, undefined, 1]);
  });

  it('is what a list with the last seen key at its end is, and never longer than it may be', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const action = fc.record({ do: fc.constantFrom('see', 'set', 'forget'), key: fc.constantFrom(...keys) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(action, { maxLength: 200 }), (size, actions) => {
        const recent = new RecentKeys<string>(size);
        let list: string[] = [];
        for (const { do: what, key } of actions) {
          const isKnown = list.includes(key);
          if (what === 'forget') recent.replace(key, key, undefined);
          else if (what === 'set') recent.set(key, key);
          else expect(recent.see(key)).to.equal(isKnown ? key : undefined);
          const others = list.filter((each) => each !== key);
          const comes = what === 'set' || (what === 'see' && isKnown);
          list = comes ? [...others, key].slice(-size) : others;
          expect(recent.count).to.equal(list.length).and.be.at.most(size);
        }
        expect(keys.filter((key) => recent.see(key) !== undefined)).to.have.members(list);
      }),
    );
  });

  it('forgets what it is told to, and goes on in the order in which the others were seen', () => {
    const keys = new RecentKeys<string>(2);
    for (const key of ['a', 'b']) keys.set(key, key);
    keys.forget('a');
    keys.set('c', 'c');
    expect([keys.count, keys.see('b')]).to.deep.equal([2, 'b']);
    keys.set('d', 'd');
    expect([keys.see('c'), keys.see('b'), keys.see('d')]).to.deep.equal([undefined, 'b', 'd']);
  });
});

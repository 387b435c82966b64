import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigurationError } from '@rxforce/core/model';
import { allOf, anyOf, both, not, opposite, type ChangePredicate } from './change-predicate.js';

type Told = boolean | undefined;
type Event = readonly Told[];

const told: readonly Told[] = [true, false, undefined];
/** What is in the event at a place. */
const at =
  (index: number): ChangePredicate<Event> =>
  (event) =>
    event[index];

describe('allOf', () => {
  it('is true when all are, false when one is, and does not tell otherwise', () => {
    const results = told.map((one) => told.map((other) => allOf(at(0), at(1))([one, other])));
    expect(results).to.deep.equal([
      [true, false, undefined],
      [false, false, false],
      [undefined, false, undefined],
    ]);
  });

  it('asks in order, up to the first that is false', () => {
    const asked: number[] = [];
    const ask = (index: number, answer: Told) => () => {
      asked.push(index);
      return answer;
    };
    expect(allOf(ask(1, undefined), ask(2, true), ask(3, false), ask(4, true))('any')).to.equal(false);
    expect(asked).to.deep.equal([1, 2, 3]);
  });

  it('refuses to be of none', () => expect(() => allOf()).to.throw(ConfigurationError, 'allOf() got no predicate'));
});

describe('anyOf', () => {
  it('is true when one is, false when none is, and does not tell otherwise', () => {
    const results = told.map((one) => told.map((other) => anyOf(at(0), at(1))([one, other])));
    expect(results).to.deep.equal([
      [true, true, true],
      [true, false, undefined],
      [true, undefined, undefined],
    ]);
  });

  it('asks in order, up to the first that is true', () => {
    const asked: number[] = [];
    const ask = (index: number, answer: Told) => () => {
      asked.push(index);
      return answer;
    };
    expect(anyOf(ask(1, undefined), ask(2, false), ask(3, true), ask(4, false))('any')).to.equal(true);
    expect(asked).to.deep.equal([1, 2, 3]);
  });

  it('refuses to be of none', () => expect(() => anyOf()).to.throw(ConfigurationError, 'anyOf() got no predicate'));
});

describe('not', () => {
  it('turns true and false round, and leaves what is not told', () => {
    expect(told.map((each) => not(at(0))([each]))).to.deep.equal([false, true, undefined]);
  });
});

describe('Predicates combined', () => {
  it('take plain functions of the event, and pass it to them', () => {
    const isLong = (text: string) => text.length > 3;
    const isLoud = (text: string) => text.endsWith('!');
    const either = anyOf(allOf(isLong, isLoud), not(isLong));
    expect(['no', 'never', 'never!'].map(either)).to.deep.equal([true, false, true]);
  });

  /**
   * A combination, and the same by the book: false, not told and true as 0, 1 and 2, with the least, the most, the rest
   * to 2.
   */
  interface Combination {
    readonly predicate: ChangePredicate<Event>;
    readonly rank: (event: Event) => number;
  }

  const rankOf = (value: Told) => (value === undefined ? 1 : value ? 2 : 0);
  const combination = fc.letrec<{ any: Combination; leaf: Combination; node: Combination }>((tie) => ({
    any: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('node')),
    leaf: fc.nat(3).map((index) => ({ predicate: at(index), rank: (event: Event) => rankOf(event[index]) })),
    node: fc.oneof(
      tie('any').map(({ predicate, rank }) => ({ predicate: not(predicate), rank: (event: Event) => 2 - rank(event) })),
      fc.array(tie('any'), { minLength: 1, maxLength: 3 }).map((parts) => ({
        predicate: allOf(...parts.map(({ predicate }) => predicate)),
        rank: (event: Event) => Math.min(...parts.map(({ rank }) => rank(event))),
      })),
      fc.array(tie('any'), { minLength: 1, maxLength: 3 }).map((parts) => ({
        predicate: anyOf(...parts.map(({ predicate }) => predicate)),
        rank: (event: Event) => Math.max(...parts.map(({ rank }) => rank(event))),
      })),
    ),
  })).any;
  const event = fc.array(fc.constantFrom(...told), { minLength: 4, maxLength: 4 });

  it("obey Kleene's logic, whatever is nested in what", () => {
    fc.assert(
      fc.property(combination, event, ({ predicate, rank }, given) => {
        expect(rankOf(predicate(given))).to.equal(rank(given));
      }),
      { numRuns: 1_000 },
    );
  });

  it("obey De Morgan's laws, and a double negation takes nothing away", () => {
    fc.assert(
      fc.property(combination, combination, event, ({ predicate: p }, { predicate: q }, given) => {
        expect(not(allOf(p, q))(given)).to.equal(anyOf(not(p), not(q))(given));
        expect(not(anyOf(p, q))(given)).to.equal(allOf(not(p), not(q))(given));
        expect(not(not(p))(given)).to.equal(p(given));
      }),
    );
  });

  it('say nothing that what was not told could belie', () => {
    const facts = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(combination, event, facts, ({ predicate }, given, truth) => {
        const said = predicate(given);
        const known = given.map((each, index) => each ?? truth[index]);
        if (said !== undefined) expect(predicate(known)).to.equal(said);
        expect(predicate(known)).to.be.a('boolean');
      }),
      { numRuns: 1_000 },
    );
  });

  it('agree with what is told of an event already', () => {
    for (const one of told) {
      expect(opposite(one)).to.equal(not(at(0))([one]));
      for (const other of told) expect(both(one, other)).to.equal(allOf(at(0), at(1))([one, other]));
    }
  });
});

import { expect } from 'chai';
import { RestProblem } from '../rest-problem.js';
import { resolved, resolvedUrl } from './references.js';

describe('References to earlier answers', () => {
  const answers = new Map([['found', { text: 'ä'.repeat(30_000) }]]);
  const reference = '@{found.text}';

  it('stand for texts of any usual length', () => {
    expect(resolved({ Description: [reference] }, answers)).to.deep.equal({ Description: ['ä'.repeat(30_000)] });
  });

  const endless: readonly (readonly [string, () => unknown])[] = [
    ['one text', () => resolved(reference.repeat(1_000), answers)],
    [
      'the texts of one body',
      () =>
        resolved(
          Array.from({ length: 1_000 }, () => ({ a: reference })),
          answers,
        ),
    ],
    ['an address', () => resolvedUrl(reference.repeat(40), answers)],
  ];
  for (const [what, make] of endless) {
    it(`are refused, when they would make too much of ${what}`, () => {
      expect(make)
        .to.throw(RestProblem, /at most 6000000 characters/)
        .with.property('errorCode', 'LIMIT_EXCEEDED');
    });
  }
});

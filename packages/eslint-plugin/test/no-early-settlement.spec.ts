import { expect } from 'chai';
import { Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import { noEarlySettlement } from '../src/rules/no-early-settlement.js';
import { LOSSLESS_FLOWS } from './early-settlements/lossless-flows.js';
import { LOSSLESS_WORK } from './early-settlements/lossless-work.js';
import { IMPORTS } from './early-settlements/moved-imports.js';
import { ODD, ODD_WITH_IMPORTS } from './early-settlements/odd-code.js';
import { GROUPS, TWINS, UNFIXED, WITHOUT_TWINS } from './early-settlements/operators-that-keep.js';
import { FLOWS, SOURCES } from './early-settlements/sources-and-flows.js';
import { BEHIND_WORK, CALLS, WORK } from './early-settlements/unawaited-work.js';
import { testTyped } from './support/rule-tester.js';

testTyped('no-early-settlement', noEarlySettlement, {
  valid: [...LOSSLESS_FLOWS, ...LOSSLESS_WORK, ...ODD, ...ODD_WITH_IMPORTS],
  invalid: [
    ...TWINS,
    ...WITHOUT_TWINS,
    ...IMPORTS,
    ...SOURCES,
    ...FLOWS,
    ...GROUPS,
    ...UNFIXED,
    ...BEHIND_WORK,
    ...CALLS,
    ...WORK,
  ],
});

describe('no-early-settlement without types', () => {
  it('says what it needs', () => {
    const lint = () =>
      new Linter().verify('a;', [
        {
          plugins: { rxforce: { rules: { it: noEarlySettlement as never } } },
          rules: { 'rxforce/it': 'error' },
          languageOptions: { parser },
        },
      ]);
    expect(lint).to.throw(/requires type information/);
  });
});

import { fileURLToPath } from 'node:url';
import { RuleTester, type RunTests } from '@typescript-eslint/rule-tester';
import { after, describe, it } from 'mocha';
import { parserOf } from './one-program.js';

RuleTester.afterAll = after;
// The first test of a suite waits for the types of all that it imports.
RuleTester.describe = (title, tests) => {
  describe(title, function () {
    this.timeout(120_000);
    tests();
  });
};
RuleTester.it = it;

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));

/** A rule, whichever copy of typescript-eslint its types are of: the tester may have one of its own. */
interface Rule<MessageIds extends string> {
  readonly meta: { readonly messages: Record<MessageIds, string> };
}

/** Runs a rule on TypeScript, with the types of `@rxforce/core` and RxJS. */
export function testTyped<M extends string>(name: string, rule: Rule<M>, tests: RunTests<NoInfer<M>, []>): void {
  const parserOptions = { project: './tsconfig.json', tsconfigRootDir: fixtures };
  const parser = parserOf(fixtures, textsOf(tests));
  new RuleTester({ languageOptions: { parser, parserOptions } }).run(name, rule as never, tests);
}

/** Runs a rule without types. */
export function testUntyped<M extends string>(name: string, rule: Rule<M>, tests: RunTests<NoInfer<M>, []>): void {
  new RuleTester().run(name, rule as never, tests);
}

/** All that the rule is run on: the code of each test, and what its fixes are to make of it. */
function textsOf<M extends string>({ valid, invalid }: RunTests<M, []>): string[] {
  const outputs = invalid.flatMap(({ output }) => output ?? []);
  const codes = [...valid, ...invalid].map((each) => (typeof each === 'string' ? each : each.code));
  return [...new Set([...codes, ...outputs])];
}

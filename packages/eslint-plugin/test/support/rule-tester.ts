import { fileURLToPath } from 'node:url';
import { RuleTester } from '@typescript-eslint/rule-tester';
import { after, describe, it } from 'mocha';

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

/** Runs rules on TypeScript, with the types of `@rxforce/core` and RxJS. */
export function typedTester(): RuleTester {
  return new RuleTester({
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: fixtures } },
  });
}

/** Runs rules without types. */
export function untypedTester(): RuleTester {
  return new RuleTester();
}

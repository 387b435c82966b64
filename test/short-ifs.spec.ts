import { RuleTester } from '@typescript-eslint/rule-tester';
import { after, describe, it } from 'mocha';
import { shortIfs } from '../scripts/lint/short-ifs.js';

Object.assign(RuleTester, { afterAll: after, describe, it });

const LONG = `call(${'x'.repeat(110)})`;

// The tester has a copy of the types of its own.
new RuleTester().run('short-ifs', shortIfs as never, {
  valid: [
    'if (a) return;',
    'if (a) b();\nelse c();',
    'if (a) {\n  b();\n} else {\n  c();\n}',
    'if (a) {\n  b();\n  c();\n}',
    'if (a) {\n  // Because of d.\n  b();\n}',
    'if (a) {\n  if (b) c();\n}',
    'if (a) {\n  b({\n    c,\n  });\n}',
    `if (a) {\n  ${LONG};\n}`,
    'if (a) {\n  let b = 1;\n}',
  ].map((code) => ({ code: `function f() {\n${code}\n}` })),
  invalid: [
    { code: 'if (a) {\n  b();\n}', output: 'if (a) b();', errors: [{ messageId: 'needless' }] },
    {
      code: 'for (;;) {\n  if (a) {\n    break;\n  }\n}',
      output: 'for (;;) {\n  if (a) break;\n}',
      errors: [{ messageId: 'needless' }],
    },
    { code: 'if (a)\n  b();', output: 'if (a)\n  { b(); }', errors: [{ messageId: 'missing' }] },
    { code: 'if (a) b({\n  c,\n});', output: 'if (a) { b({\n  c,\n}); }', errors: [{ messageId: 'missing' }] },
    { code: 'if (a) b();\nelse\n  c();', output: 'if (a) b();\nelse\n  { c(); }', errors: [{ messageId: 'missing' }] },
  ],
});

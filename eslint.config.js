import rxjsX from 'eslint-plugin-rxjs-x';
import tsdoc from 'eslint-plugin-tsdoc';
import { defineConfig, globalIgnores } from 'eslint/config';
import { tsImport } from 'tsx/esm/api';
import tseslint from 'typescript-eslint';

// From its sources, so that nothing needs to be built first.
const { default: rxforce } = await tsImport('./packages/eslint-plugin/src/index.ts', import.meta.url);
const { shortIfs } = await tsImport('./scripts/lint/short-ifs.ts', import.meta.url);

/** One dialect for all packages. */
const dialect = {
  'house/short-ifs': 'error',
  'no-restricted-syntax': [
    'error',
    {
      selector: ':matches(PropertyDefinition, MethodDefinition) > PrivateIdentifier',
      message: "Use TypeScript's `private`. `#` is for secrets and brands alone, with a comment that says so.",
    },
  ],
  '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/explicit-member-accessibility': ['error', { accessibility: 'no-public' }],
  '@typescript-eslint/parameter-properties': ['error', { prefer: 'parameter-property' }],
  '@typescript-eslint/prefer-readonly': 'error',
  // Of code, Prettier takes care. Left out are what ESLint reads itself, marble diagrams and code in comments.
  'max-len': [
    'error',
    { code: Infinity, comments: 120, ignoreUrls: true, ignorePattern: '(eslint-disable|^ \\* source |^ +\\*.*;$)' },
  ],
};

/** What the pages use of a browser. */
const BROWSER = [
  'addEventListener',
  'clearInterval',
  'clearTimeout',
  'document',
  'EventSource',
  'fetch',
  'history',
  'location',
  'navigator',
  'removeEventListener',
  'setInterval',
  'setTimeout',
];

export default defineConfig(
  // The apps of test/tools are compiled by the tools that they are for.
  globalIgnores(['**/dist/', 'coverage/', '**/node_modules/', 'test/tools/{apps,source}/', 'site/.vitepress/cache/']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked, rxjsX.configs.recommended],
    plugins: { tsdoc, house: { rules: { 'short-ifs': shortIfs } } },
    languageOptions: { parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...dialect,
      'tsdoc/syntax': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.spec.ts', '**/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'rxjs-x/no-ignored-error': 'off',
      'rxjs-x/no-nested-subscribe': 'off',
    },
  },
  {
    // Its tools are installed when it is built, so their types may be missing: `tsc -p site` checks them then.
    files: ['site/**/*.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { project: false } },
    rules: Object.fromEntries(Object.keys(rxjsX.rules ?? {}).map((rule) => [`rxjs-x/${rule}`, 'off'])),
  },
  { files: ['examples/**/*.ts'], extends: [rxforce.configs.recommended] },
  {
    // What browsers load as it is.
    files: ['packages/*/assets/**/*.js'],
    plugins: { house: { rules: { 'short-ifs': shortIfs } } },
    languageOptions: { globals: Object.fromEntries(BROWSER.map((name) => [name, 'readonly'])) },
    rules: {
      'house/short-ifs': 'error',
      'no-undef': 'error',
      'no-unused-vars': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
);

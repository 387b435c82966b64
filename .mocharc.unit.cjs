/** What runs in virtual time and in memory alone: `npm run test:unit`, for while one writes. */
module.exports = {
  // With require(), mocha would load specs as CommonJS, and what they import dynamically a second time as modules.
  'node-option': [
    'conditions=rxforce-source',
    'import=tsx',
    'no-experimental-require-module',
    'max-semi-space-size=64',
    'single-threaded-gc',
  ],
  spec: ['packages/*/src/**/*.spec.ts'],
  // These need a file system, processes or the compiler.
  ignore: [
    'packages/codegen/src/{generate-types,source-text}.spec.ts',
    'packages/core/src/stores/*.spec.ts',
    'packages/dead-letters/src/**/{dead-letter-queue-contract,durable-file,file-*,job-queue,letter-*}.spec.ts',
  ],
  parallel: true,
  jobs: 2,
  timeout: 30_000,
  exit: true,
};

/** The layers of docs/architecture.md: arrows point down only. */
const core = '^packages/core/src/';
const codegen = '^packages/codegen/src/';
const never = (from, comment, mayImport) => ({
  name: `core-${from.replaceAll('|', '-')}`,
  comment,
  severity: 'error',
  from: { path: `${core}(${from})/`, pathNot: '\\.spec\\.ts$' },
  to: { path: core, pathNot: `${core}(${mayImport})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-undeclared-dependency',
      comment: 'A package uses what its package.json names.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    never('model', 'model is the ground: it imports nothing of core.', 'model'),
    never('ports', 'ports are interfaces over the model.', 'model|ports'),
    never('delivery', 'delivery is pure: model only.', 'model|ports|delivery'),
    never(
      'work',
      'Work on values that are held: what the operators of other packages are made of.',
      'model|delivery|work',
    ),
    never('codec', 'codec is pure: model only.', 'model|ports|codec'),
    never('net', 'What the network asks for is the same for streams and logins.', 'model|net'),
    never('grpc|login|stores', 'The outside world knows the ports and the model.', 'model|ports|net|grpc|login|stores'),
    never('stream-life', 'The life of streams knows nothing of what they carry.', 'model|ports|stream-life'),
    never(
      'position',
      'What makes a place durable stands on deliveries and on the life of streams.',
      'model|ports|delivery|stream-life|position',
    ),
    never(
      'settlement',
      'Whether a position may move is judged by what is seen of deliveries.',
      'model|ports|delivery|stream-life|position|settlement',
    ),
    never(
      'subscribe|publish',
      'Pipelines are wired from the parts below by the client.',
      'model|ports|delivery|codec|stream-life|position|settlement|subscribe|publish',
    ),
    never('orgs', 'Many orgs are merged from what clients give, whatever makes it.', 'model|ports|delivery|orgs'),
    {
      name: 'codegen',
      comment: 'What rxforce-codegen writes is worked out from schemas alone: only its command reaches out.',
      severity: 'error',
      from: { path: `${codegen}`, pathNot: `${codegen}(command/|cli\\.ts)|\\.spec\\.ts$` },
      to: { path: [`${core}(?!model/|codec/)`, `${codegen}(command/|cli\\.ts)`] },
    },
    {
      name: 'codegen-without-io',
      severity: 'error',
      from: { path: `${codegen}`, pathNot: `${codegen}(command/|cli\\.ts)|\\.spec\\.ts$` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-without-io',
      comment:
        'model, delivery, work, codec, ports, stream-life, position and settlement know no network, file or process.',
      severity: 'error',
      from: {
        path: `${core}(model|delivery|work|codec|ports|stream-life|position|settlement)/`,
        pathNot: '\\.spec\\.ts$',
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|crypto)$' },
    },
    {
      name: 'pure-without-grpc',
      severity: 'error',
      from: { path: `${core}(?!grpc/|client(-options)?\\.ts)`, pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/@grpc' },
    },
    {
      name: 'operators-without-grpc',
      comment: 'Operators and dead letters reach of core what is pure, and what it knows of files.',
      severity: 'error',
      from: { path: '^packages/(operators|dead-letters)/src', pathNot: '\\.spec\\.ts$' },
      to: {
        path: [
          'node_modules/@grpc',
          `${core}(?!(model|delivery|work|ports)/|(delivery|internal)\\.ts|stores/private-files)`,
        ],
        reachable: true,
      },
    },
    {
      name: 'dead-letters-know-no-operators',
      severity: 'error',
      from: { path: '^packages/(dead-letters|core)/src', pathNot: '\\.spec\\.ts$' },
      to: { path: '^packages/operators/' },
    },
    {
      name: 'redis-knows-no-operators',
      severity: 'error',
      from: { path: '^packages/replay-redis/src', pathNot: '\\.spec\\.ts$' },
      to: { path: '^packages/operators/' },
    },
    {
      name: 'emulator-knows-the-codec-only',
      severity: 'error',
      from: { path: '^packages/emulator/src' },
      to: { path: `${core}(?!codec/|model/|ports/)` },
    },
    {
      name: 'nobody-imports-specs',
      severity: 'error',
      from: {},
      to: { path: '\\.spec\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.check.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['rxforce-source', 'import', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};

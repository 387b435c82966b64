/** The layers of docs/architecture.md: arrows point down only. */
const core = '^packages/core/src/';
const codegen = '^packages/codegen/src/';
const emulator = '^packages/emulator/src/';
const roomsOf = (name, src) => (from, comment, mayImport) => ({
  name: `${name}-${from.replaceAll('|', '-')}`,
  comment,
  severity: 'error',
  from: { path: `${src}(${from})/`, pathNot: '\\.spec\\.ts$' },
  to: { path: src, pathNot: `${src}(${mayImport})/` },
});
const never = roomsOf('core', core);
const inEmulator = roomsOf('emulator', emulator);

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-undeclared-dependency',
      comment: 'A package uses what its package.json names. What its `imports` name is not looked up by its own name.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src', pathNot: '\\.spec\\.ts$' },
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'],
        // An optional peer counts as a peer and as undeclared.
        dependencyTypesNot: ['aliased-subpath-import', 'npm-peer'],
        pathNot: 'kubernetes-models/',
      },
    },
    {
      name: 'kubernetes-models-are-types',
      comment:
        'The types of manifests say what is wrong while one writes. Nobody who installs rxforce gets the library.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src', pathNot: '\\.spec\\.ts$' },
      to: { path: 'kubernetes-models/', dependencyTypesNot: ['type-only'] },
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
    never('rest', 'Calls of the REST API know the session, and nothing of streams.', 'model|ports|net|rest'),
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
    never('telemetry', 'What is measured is worked out from statuses and work.', 'model|ports|delivery|work|telemetry'),
    never('orgs', 'Many orgs are merged from what clients give, whatever makes it.', 'model|ports|delivery|orgs'),
    {
      name: 'logins-are-loaded-late',
      comment: 'Who has a session loads no library of logins: the first login that talks to an endpoint does (0140).',
      severity: 'error',
      from: {
        path: core,
        pathNot: `\\.spec\\.ts$|${core}(login/(token-endpoint|soap-login|login-http)|rest/org-http|net/dispatcher)\\.ts`,
      },
      to: {
        path: [
          `${core}(login/(token-endpoint|soap-login|login-http)|rest/org-http|net/dispatcher)\\.ts`,
          'node_modules/(undici|jose|oauth4webapi)/',
        ],
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
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
        'model, delivery, work, codec, ports, stream-life, position, settlement and telemetry know no network, file or process.',
      severity: 'error',
      from: {
        path: `${core}(model|delivery|work|codec|ports|stream-life|position|settlement|telemetry)/`,
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
          `${core}(?!(model|delivery|work|ports)/|(delivery|internal)\\.ts|stores/private-files|log/group-member\\.ts|stream-life/(retry-transient|reopen-policy|backoff)\\.ts)`,
        ],
        reachable: true,
      },
    },
    {
      name: 'records-without-grpc',
      comment: 'Records are read by a client that is given: of the client itself only the types are known.',
      severity: 'error',
      from: { path: '^packages/records/src', pathNot: '\\.spec\\.ts$' },
      to: {
        path: [
          'node_modules/@grpc',
          `${core}(?!(model|delivery|work|ports|codec)/|(delivery|delivery-source|internal)\\.ts)`,
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'opentelemetry-knows-no-client',
      comment: 'What is measured for OpenTelemetry is what core measures; only the API of OpenTelemetry is used.',
      severity: 'error',
      from: { path: '^packages/opentelemetry/src', pathNot: '\\.spec\\.ts$' },
      to: {
        path: [
          'node_modules/@opentelemetry/(?!api/)',
          `${core}(?!(model|delivery|work|ports|telemetry)/|internal\\.ts)`,
        ],
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
      from: { path: emulator },
      to: { path: `${core}(?!codec/|model/|ports/|internal\\.ts)` },
    },
    inEmulator(
      'model|soql',
      'Words, chance and queries are the ground: they import nothing of the emulator.',
      'model|soql',
    ),
    inEmulator('net|wire', 'What a port is, and how a message looks, know no event.', 'model|net|wire'),
    inEmulator(
      'bus|schemas|sessions',
      'The log, the schemas and the logins know no records.',
      'model|wire|bus|schemas|sessions',
    ),
    inEmulator('org', 'Records become events on the bus.', 'model|bus|schemas|org'),
    inEmulator(
      'flow|managed',
      'What a stream may be given is worked out without a network.',
      'model|wire|bus|flow|managed',
    ),
    inEmulator('load', 'Load changes records as a user of the org does.', 'model|org|load'),
    inEmulator(
      'grpc',
      'Calls are served from the log, and know nothing of records.',
      'model|net|wire|bus|schemas|sessions|flow|managed|grpc',
    ),
    inEmulator('http', 'The HTTP server knows no route.', 'model|net|http'),
    inEmulator('login', 'Logins are routes over the sessions.', 'model|http|sessions|login'),
    inEmulator('rest', 'The REST API is routes over the org.', 'model|soql|bus|schemas|sessions|org|managed|http|rest'),
    inEmulator(
      'faults',
      'Faults reach into all that serves, and nothing that serves knows them.',
      'model|bus|sessions|org|flow|managed|grpc|rest|faults',
    ),
    inEmulator('control', 'Orders by HTTP stand over faults and the org.', 'model|http|org|faults|control'),
    inEmulator('ui', 'The page stands over all that it shows.', 'model|org|load|flow|grpc|http|faults|control|ui'),
    {
      name: 'live-page-knows-no-client',
      comment: 'The live page looks at clients that are given: of the client itself only the types are known.',
      severity: 'error',
      from: { path: '^packages/live-page/src', pathNot: '\\.spec\\.ts$' },
      to: {
        path: ['node_modules/@grpc', `${core}(?!(model|delivery|work|ports|telemetry)/|delivery\\.ts)`],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'help-is-fast',
      comment: 'rxforce --help loads commander and nothing else: each command is loaded when it is run.',
      severity: 'error',
      from: { path: '^packages/cli/src/(bin|command/(program|exit-codes))\\.ts$' },
      to: {
        pathNot: 'node_modules/commander/|^packages/cli/src/command/(program|exit-codes)\\.ts$',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'nobody-imports-the-command-line',
      severity: 'error',
      from: { path: '^packages/(?!cli/)' },
      to: { path: '^packages/cli/' },
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
    // What a browser loads is resolved by the server of the page.
    exclude: { path: '(^|/)dist/|^packages/[^/]+/assets/' },
    tsConfig: { fileName: 'tsconfig.check.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['rxforce-source', 'import', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};

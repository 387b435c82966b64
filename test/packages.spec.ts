import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { expect } from 'chai';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';
import { root } from './support/built.js';
import { memoryHost, type ReadFiles } from './support/memory-host.js';
import { install, NAMES, packedOnce, type Packed } from './support/packed.js';

const IMPORTED: Readonly<Record<string, string>> = {
  '@rxforce/core': 'clientCredentials, createClient, fileReplayStore',
  '@rxforce/emulator': 'startEmulator',
  '@rxforce/dead-letters': 'fileDeadLetterQueue',
  '@rxforce/operators': 'batchBy, byChangeType, filterField, limit, retryWithDLQ',
  rxjs: 'lastValueFrom',
};

/** A pipeline that reads two accounts, and a second client that goes on behind them. */
const BODY = `
  const emulator = await startEmulator();
  for (const Name of ['a', 'b', 'c', 'd']) {
    emulator.org.create('Account', { Name, AnnualRevenue: 5_000 });
    emulator.org.create('Account', { Name: 'small', AnnualRevenue: 5 });
  }
  const { credentials, httpUrl, grpcEndpoint, ca } = emulator;
  const { clientId, clientSecret } = credentials;
  const readTwo = async () => {
    const auth = clientCredentials({ clientId, clientSecret, loginUrl: httpUrl });
    const client = createClient({ auth, endpoint: grpcEndpoint, tls: { ca } });
    const replay = { store: fileReplayStore('./replay-' + kind), name: 'app', from: 'earliest' };
    const result = await lastValueFrom(
      client.changes('Account', { replay }).pipe(
        byChangeType('CREATE'),
        filterField('AnnualRevenue', 'greaterThan', 1_000),
        batchBy(2, 60_000),
        retryWithDLQ(async (batch) => batch.map(({ data }) => data.Name).join(), {
          maxRetries: 1,
          deadLetters: fileDeadLetterQueue('./failed-' + kind),
        }),
        limit(1),
      ),
    );
    await client.drain();
    return result.unwrap();
  };
  console.log(await readTwo(), await readTwo());
  await emulator.stop();
`;

/** The same in types, as an application writes it. */
const TYPED = `
  interface Account { Name: string | null; AnnualRevenue: number | null }
  export function pipeline(client: PubSubClient): Observable<Result<string, unknown>> {
    return client.changes<Account>('Account').pipe(
      byChangeType('CREATE'),
      filterField('AnnualRevenue', 'greaterThan', 1_000),
      batchBy(2, 60_000),
      retryWithDLQ(async (batch) => batch.map(({ data }) => data.Name ?? '').join(), {
        maxRetries: 1,
        deadLetters: memoryDeadLetterQueue(),
      }),
    );
  }
  export const events: ChangeEvent<Account>[] = [];
  export const store: ReplayStore = redisReplayStore({} as Redis);
  export const emulator: Promise<Emulator> = startEmulator();
  export const metrics = (client: PubSubClient): PrometheusMetrics => prometheusMetrics(client);
  export const telemetry: Telemetry = openTelemetry();
  // @ts-expect-error -- there is no such field.
  filterField<ChangeEvent<Account>, 'equals'>('Nmae', 'equals', 'x');
`;

const TYPED_IMPORTS: readonly [string, string][] = [
  ['@rxforce/core', 'type ChangeEvent, type PubSubClient, type ReplayStore, type Result'],
  ['@rxforce/dead-letters', 'memoryDeadLetterQueue'],
  ['@rxforce/operators', 'batchBy, byChangeType, filterField, retryWithDLQ'],
  ['@rxforce/core/telemetry', 'prometheusMetrics, type PrometheusMetrics'],
  ['@rxforce/opentelemetry', 'openTelemetry, type Telemetry'],
  ['@rxforce/emulator', 'startEmulator, type Emulator'],
  ['@rxforce/replay-redis', 'redisReplayStore'],
  ['ioredis', 'type Redis'],
  ['rxjs', 'type Observable'],
];

describe('The packed packages', function () {
  this.timeout(600_000);
  let folder = '';
  let packed: Packed[] = [];
  const read: ReadFiles = new Map();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxforce-packed-'));
    packed = packedOnce();
    install(folder, packed);
  });

  after(() => {
    read.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  const installed = (name: string, ...path: string[]) => join(folder, 'node_modules/@rxforce', name, ...path);

  const run = (file: string, text: string) => {
    writeFileSync(join(folder, file), text);
    return execFileSync(process.execPath, ['--no-warnings', file], { cwd: folder }).toString();
  };

  it('run a pipeline, imported as ES modules', () => {
    const imports = Object.entries(IMPORTED).map(([name, what]) => `import { ${what} } from '${name}';`);
    expect(run('app.mjs', `${imports.join('\n')} const kind = 'mjs'; ${BODY}`)).to.equal('a,b c,d\n');
  });

  it('run a pipeline, required as CommonJS', () => {
    const requires = Object.entries(IMPORTED).map(([name, what]) => `const { ${what} } = require('${name}');`);
    const main = `(async () => { const kind = 'cjs'; ${BODY} })();`;
    expect(run('app.cjs', `${requires.join('\n')} ${main}`)).to.equal('a,b c,d\n');
  });

  it('give what is for Redis, imported and required', () => {
    const names = 'redisDeadLetterQueue, redisLease, redisReplayStore';
    const print = `console.log([${names}].map((each) => typeof each).join());`;
    const expected = 'function,function,function\n';
    expect(run('redis.mjs', `import { ${names} } from '@rxforce/replay-redis'; ${print}`)).to.equal(expected);
    expect(run('redis.cjs', `const { ${names} } = require('@rxforce/replay-redis'); ${print}`)).to.equal(expected);
  });

  it('give what rxforce-codegen is made of, imported and required', () => {
    const print = "console.log(generateTypes(eventTypes([])).split('\\n')[1]);";
    const expected = ' * Generated by rxforce-codegen: run it again instead of changing this.\n';
    const names = 'eventTypes, generateTypes';
    expect(run('types.mjs', `import { ${names} } from '@rxforce/codegen'; ${print}`)).to.equal(expected);
    expect(run('types.cjs', `const { ${names} } = require('@rxforce/codegen'); ${print}`)).to.equal(expected);
  });

  it('serve their pages with all files, also from where they are installed', () => {
    const body = `
      const auth = clientCredentials({ loginUrl: 'https://acme.my.salesforce.com', clientId: 'a', clientSecret: 'b' });
      const client = createClient({ auth });
      const page = await livePage(client, { port: 0 });
      const emulator = await startEmulator({ ui: true });
      const found = [];
      for (const url of [page.url, emulator.uiUrl]) {
        const html = await (await fetch(url)).text();
        const [, script] = /src="([^"]+)"/.exec(html);
        for (const file of [script, '/kit.js', '/preact.js', '/style.css']) {
          found.push((await fetch(url + file)).status);
        }
      }
      console.log(found.join());
      await Promise.all([page.close(), emulator.stop()]);
      client.close();
    `;
    const imports = `
      import { clientCredentials, createClient } from '@rxforce/core';
      import { livePage } from '@rxforce/cli/live';
      import { startEmulator } from '@rxforce/emulator';
    `;
    expect(run('page.mjs', imports + body)).to.equal('200,200,200,200,200,200,200,200\n');
  });

  it('give lint rules, imported and required', () => {
    const print = 'console.log(Object.keys(plugin.configs.recommended.rules).join(), plugin.meta.name);';
    const names = ['no-early-settlement', 'no-take', 'require-store-name'].map((name) => `@rxforce/${name}`).join();
    const expected = `${names} @rxforce/eslint-plugin\n`;
    expect(run('lint.mjs', `import plugin from '@rxforce/eslint-plugin'; ${print}`)).to.equal(expected);
    expect(run('lint.cjs', `const { default: plugin } = require('@rxforce/eslint-plugin'); ${print}`)).to.equal(
      expected,
    );
  });

  it('have commands that say how they are used', () => {
    const commands = NAMES.flatMap((name) => {
      const { bin = {} } = JSON.parse(readFileSync(installed(name, 'package.json'), 'utf8')) as {
        bin?: Record<string, string>;
      };
      return Object.keys(bin);
    });
    expect(commands).to.deep.equal(['rxforce-codegen', 'rxforce', 'rxforce-emulator']);
    for (const command of commands) {
      const help = execFileSync(join(folder, 'node_modules/.bin', command), ['--help'], { cwd: folder }).toString();
      expect(help).to.include(`Usage: ${command}`);
    }
  });

  it('have commands that npx finds by the name of their package', () => {
    for (const name of ['codegen', 'emulator']) {
      const args = ['--no-install', `@rxforce/${name}`, '--help'];
      expect(execFileSync('npx', args, { cwd: folder }).toString()).to.include(`Usage: rxforce-${name}`);
    }
  });

  const applications: [string, string[], ts.CompilerOptions][] = [
    ['an ES module and a CommonJS module of Node', ['typed.mts', 'typed.cts'], { module: ts.ModuleKind.NodeNext }],
    ['an ES module of Node 16', ['typed.mts'], { module: ts.ModuleKind.Node16 }],
    [
      'a module for a bundler',
      ['typed.ts'],
      { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
    ],
  ];
  for (const [what, files, options] of applications) {
    it(`have types that compile in ${what}`, () => {
      const imports = TYPED_IMPORTS.map(([name, names]) => `import { ${names} } from '${name}';`);
      files.forEach((file) => writeFileSync(join(folder, file), `${imports.join('\n')}\n${TYPED}`));
      expect(mistakesIn(folder, files, options, read)).to.deep.equal([]);
    });
  }

  for (const name of NAMES) {
    it(`are packed as package managers want it (${name})`, async () => {
      const { tarball } = packed.find((each) => each.name === name)!;
      const { buffer } = Uint8Array.from(readFileSync(tarball));
      const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
      expect(messages.map((message) => formatMessage(message, pkg as object))).to.deep.equal([]);
    });
  }

  for (const name of NAMES) {
    it(`give types where they give code (${name})`, async () => {
      const { tarball } = packed.find((each) => each.name === name)!;
      expect(await mistakesInTypes(tarball)).to.deep.equal([]);
    });
  }

  it('hold no specs, and nothing but code: the wire contract is data', () => {
    for (const name of NAMES) {
      const files = readdirSync(installed(name), { recursive: true }).map(String);
      expect(files.filter((file) => file.includes('.spec.'))).to.deep.equal([]);
      expect(files).to.include.members(['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']);
      expect(files.filter((file) => file.endsWith('.proto'))).to.deep.equal([]);
    }
  });

  it('have READMEs whose links lead somewhere on npm, too', () => {
    for (const name of NAMES) {
      const links = [...readFileSync(installed(name, 'README.md'), 'utf8').matchAll(/\]\(([^)\s]*)\)/g)];
      const relative = links.map(([, link = '']) => link).filter((link) => !/^(https:|#)/.test(link));
      const broken = relative.filter((link) => {
        const path = join(installed(name), link.replace(/#.*$/, ''));
        return !path.startsWith(installed(name)) || !existsSync(path);
      });
      expect(broken, name).to.deep.equal([]);
    }
  });

  it('say where they come from, and where to report bugs', () => {
    for (const name of NAMES) {
      const { keywords, homepage, bugs, repository, license, engines, description } = JSON.parse(
        readFileSync(installed(name, 'package.json'), 'utf8'),
      ) as Record<string, unknown>;
      expect({ homepage, bugs, repository, license, engines }).to.deep.equal({
        homepage: `https://github.com/rxforce/rxforce/tree/main/packages/${name}#readme`,
        bugs: { url: 'https://github.com/rxforce/rxforce/issues' },
        repository: {
          type: 'git',
          url: 'git+https://github.com/rxforce/rxforce.git',
          directory: `packages/${name}`,
        },
        license: 'MIT',
        engines: { node: '>=20.19.0' },
      });
      expect(keywords).to.include('salesforce');
      expect(description).to.be.a('string').that.has.length.above(20);
    }
  });

  it('keep everything else closed', () => {
    const closed = "import('@rxforce/core/dist/client.js').catch(({ code }) => console.log(code));";
    expect(run('closed.mjs', closed)).to.equal('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });

  it('hold a wire contract that is up to date', () => {
    // It fails where the data is stale.
    execFileSync(process.execPath, ['scripts/copy-proto.js', '--check'], { cwd: root });
  });
});

/** What TypeScript says of files, and of the declarations of these packages. */
function mistakesIn(folder: string, files: readonly string[], options: ts.CompilerOptions, read: ReadFiles): string[] {
  const paths = files.map((file) => join(folder, file));
  const all: ts.CompilerOptions = {
    ...options,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  };
  const program = ts.createProgram(paths, all, memoryHost(all, new Map(), read));
  const own = program
    .getSourceFiles()
    .filter(({ fileName }) => paths.includes(fileName) || fileName.includes('node_modules/@rxforce/'));
  const diagnostics = own.flatMap((each) => [
    ...program.getSyntacticDiagnostics(each),
    ...program.getSemanticDiagnostics(each),
  ]);
  return [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...diagnostics].map(
    (each) => `${each.file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(each.messageText, '\n')}`,
  );
}

/**
 * What attw says of an archive, by two of the ways in which TypeScript finds packages. That of before Node 12 is left
 * out: it knows no `exports`. And it counts a CommonJS module that requires an ES module as mistaken: Node does that
 * since 20.19, which these packages ask for, and TypeScript since 5.8; both are shown above.
 */
async function mistakesInTypes(tarball: string): Promise<unknown[]> {
  const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
  if (analysis.types === false) return ['There are no types.'];
  const left: unknown[] = ['node10', 'node16-cjs'];
  return analysis.problems.filter((problem) => !('resolutionKind' in problem && left.includes(problem.resolutionKind)));
}

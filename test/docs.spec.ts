import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';
import { clientCredentials, createClient, type ChangeEvent } from '@rxforce/core';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import * as deadLetters from '@rxforce/dead-letters';
import * as operators from '@rxforce/operators';
import { deadLinksIn, PAGES } from './support/pages.js';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Where the code of the pages counts as being: packages are found from here, and nothing else looks at it. */
const folder = join(root, 'node_modules/.rxforce-docs');
const TOPIC = '/data/AccountChangeEvent';

/** What pages use without declaring it: they say so in words. */
const GIVEN: Readonly<Record<string, string>> = {
  client: "import('@rxforce/core').PubSubClient",
  changes$: "import('@rxforce/core').EventStream<import('@rxforce/core').ChangeEvent>",
  emulator: "import('@rxforce/emulator').Emulator",
  save: '(event: unknown) => Promise<void>',
  readRecord: '<T>(entity: string, id: string | undefined) => Promise<Partial<T> | undefined>',
  isNewerThere: '(event: unknown) => Promise<boolean>',
  archive: '(event: unknown) => Promise<void>',
  putAside: '(event: unknown, error: unknown) => Promise<void>',
  it: '(title: string, test: () => void | Promise<void>) => void',
};

/** What the snippets of doc comments use besides, and do not import. */
const GIVEN_TO_SNIPPETS: Readonly<Record<string, string>> = {
  ...declared('@rxforce/operators', operators),
  ...declared('@rxforce/dead-letters', deadLetters),
  deadLetterQueueContract:
    "declare const deadLetterQueueContract: typeof import('@rxforce/dead-letters/testing').deadLetterQueueContract;",
  myQueue: "declare const myQueue: () => import('@rxforce/dead-letters').DeadLetterQueue;",
  queue: "declare const queue: import('@rxforce/dead-letters').DeadLetterQueue;",
  leadNow: 'declare const leadNow: <T>(lead: T) => Promise<T | undefined>;',
  crm: 'declare const crm: { upsert(records: readonly unknown[]): Promise<void> };',
  Lead: 'interface Lead { Name: string | null; Email: string | null; Status: string | null }',
  ChangeEvent: "type ChangeEvent<T> = import('@rxforce/core').ChangeEvent<T>;",
};

/** As much of libraries as pages use, where they are not installed here. */
const LIBRARIES = `
declare module 'pg' {
  export interface PoolConfig { readonly max?: number }
  export class Pool {
    constructor(config?: PoolConfig);
    query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
    end(): Promise<void>;
  }
}
declare module '@nestjs/common' {
  export interface OnModuleInit { onModuleInit(): unknown }
  export interface OnModuleDestroy { onModuleDestroy(): unknown }
  export class Logger { constructor(context: string); error(message: unknown): void }
  type Injectable = new (...args: never[]) => unknown;
  type Provider =
    | Injectable
    | { provide: Injectable | string; inject?: Injectable[]; useFactory(...args: never[]): unknown };
  export function Module(metadata: { imports?: Injectable[]; providers?: Provider[] }): (target: Injectable) => void;
}
declare module '@nestjs/core' {
  export const NestFactory: {
    create(module: new () => unknown): Promise<{ enableShutdownHooks(): void; listen(port: number): Promise<unknown> }>;
  };
}
`;

/** Declarations of what a module exports. */
function declared(module: string, exported: object): Record<string, string> {
  return Object.fromEntries(
    Object.keys(exported).map((name) => [name, `declare const ${name}: typeof import('${module}').${name};`]),
  );
}

/** A block of TypeScript in a page. */
interface Block {
  /** The page and the line that it begins at. */
  readonly at: string;
  readonly page: string;
  readonly code: string;
  /** Whether the page wants it to be run: against an emulator, or as the tests that it is. */
  readonly kind: 'run' | 'test' | undefined;
}

const BLOCKS = PAGES.flatMap(blocksOf);

/** Files on the disk, read and bound once for all compilations. */
const onDisk = new Map<string, ts.SourceFile | undefined>();

describe('The pages', () => {
  it('show code that compiles', function () {
    this.timeout(180_000);
    expect(BLOCKS.length).to.be.greaterThan(15);
    expect(mistakesIn(BLOCKS)).to.deep.equal([]);
  });

  it('do not pass code that does not compile', function () {
    this.timeout(180_000);
    const wrong = { at: 'wrong', page: 'wrong', code: "client.changes('Account', { windwo: 1 });", kind: undefined };
    expect(mistakesIn([wrong])).to.have.length(1);
  });

  it('have npx find commands by the name of their package, as it does in an empty folder, too', () => {
    const texts = PAGES.map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }));
    expect(texts.filter(({ text }) => text.includes('npx @rxforce/'))).to.have.length.above(3);
    expect(texts.filter(({ text }) => text.includes('npx rxforce')).map(({ page }) => page)).to.deep.equal([]);
  });

  it('link to files and headings that are there', () => {
    expect(PAGES.flatMap(deadLinksIn)).to.deep.equal([]);
  });

  for (const block of BLOCKS.filter(({ kind, page }) => kind === 'run' && !page.includes('shutdown'))) {
    it(`show code that handles every event and leaves none unsettled (${block.at})`, () => handlesAll(block));
  }

  for (const block of BLOCKS.filter(({ kind }) => kind === 'test')) {
    it(`show tests that pass (${block.at})`, () => passes(block));
  }

  it('do not pass a test that fails, nor a block without one', async () => {
    const failing = "it('counts', () => Promise.reject(new Error('miscounted')));";
    const wrong = { at: 'wrong', kind: 'test' } as const;
    expect(await passes({ ...wrong, page: 'fails', code: failing }).catch(String)).to.include(
      'counts: Error: miscounted',
    );
    expect(await passes({ ...wrong, page: 'empty', code: "console.assert('it');" }).catch(String)).to.include(
      'no tests',
    );
  });

  it('show how to end on SIGTERM, so that the next process goes on right behind', async function () {
    this.timeout(90_000);
    const [block] = BLOCKS.filter(({ kind, page }) => kind === 'run' && page.includes('shutdown'));
    const emulator = await startEmulator({ seed: 1 });
    const cwd = mkdtempSync(join(tmpdir(), 'rxforce-docs-'));
    try {
      for (let index = 0; index < 500; index++) emulator.org.create('Account', { Name: `account ${index}` });
      const ids = emulator.log(TOPIC).map(({ id }) => id);
      const first = await runUntilTerminated(block!, emulator, cwd, 10);
      const [report = ''] = first.lines.slice(-1);
      expect(first.exitCode).to.equal(0);
      expect(report).to.match(/^Drained: \d+ events settled, 0 come again\.$/);
      const handled = first.lines.slice(0, -1);
      expect(handled).to.deep.equal(ids.slice(0, handled.length)).and.have.length.within(10, 400);
      const second = await runUntilTerminated(block!, emulator, cwd, 1);
      expect(second.lines[0]).to.equal(ids[handled.length]);
    } finally {
      rmSync(cwd, { recursive: true });
      await emulator.stop();
    }
  });
});

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```ts(?: (run|test))?\n([\s\S]*?)^```$/gm)].map(({ index, 1: kind, 2: code = '' }) => ({
    at: `${page}:${text.slice(0, index).split('\n').length}`,
    page,
    code,
    kind: kind as Block['kind'],
  }));
}

/** What a block uses and neither declares nor imports. */
function givenTo({ code, page }: Block): string[] {
  const names = page.startsWith('docs/operators/') ? { ...GIVEN, ...GIVEN_TO_SNIPPETS } : GIVEN;
  return Object.keys(names).filter((name) => {
    const escaped = name.replace('$', '\\$');
    const isUsed = new RegExp(`(?<![\\w$.])${escaped}(?![\\w$])`).test(code);
    return (
      isUsed && !new RegExp(`((const|function|interface) |import [^;]*(?<![\\w$]))${escaped}(?![\\w$])`).test(code)
    );
  });
}

/** How what a block is given is declared. */
function declarationOf(name: string, { page }: Block): string {
  const snippet = page.startsWith('docs/operators/') ? GIVEN_TO_SNIPPETS[name] : undefined;
  return snippet ?? `declare const ${name}: ${GIVEN[name]};`;
}

/** Compiles blocks as modules of their own; what is given comes behind, so that lines stay as in the page. */
function mistakesIn(blocks: readonly Block[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.check.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const sources = new Map(
    blocks.map((block, index) => [
      join(root, 'test', `page-${index}.ts`),
      [block.code, ...givenTo(block).map((name) => declarationOf(name, block)), 'export {};'].join('\n'),
    ]),
  );
  const libraries = join(root, 'test', 'page-libraries.d.ts');
  sources.set(libraries, LIBRARIES);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const source = sources.get(path);
    if (source !== undefined) return ts.createSourceFile(path, source, target);
    if (!onDisk.has(path)) onDisk.set(path, getSourceFile(path, target, ...rest));
    return onDisk.get(path);
  };
  const program = ts.createProgram([...sources.keys()], { ...options, noUnusedLocals: false }, host);
  return [...sources.keys()].flatMap((path, index) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${blocks[index]?.at}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}

/** Runs a block against an emulator until every event is saved, and drains. */
async function handlesAll(block: Block): Promise<void> {
  const emulator = await startEmulator({ seed: 1 });
  const client = createClient({
    auth: clientCredentials({ loginUrl: emulator.httpUrl, ...emulator.credentials }),
    endpoint: emulator.grpcEndpoint,
    tls: { ca: emulator.ca ?? '' },
  });
  const saved: string[] = [];
  const work = async (event: unknown) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    saved.push((event as ChangeEvent).id);
  };
  const given = {
    client,
    changes$: client.changes('Account', { replay: 'earliest' }),
    emulator,
    save: work,
    archive: () => new Promise<void>(setImmediate),
    putAside: () => Promise.resolve(),
  };
  for (let index = 0; index < 20; index++) emulator.org.create('Account', { Name: `account ${index}` });
  const ids = emulator.log(TOPIC).map(({ id }) => id);
  Object.assign(globalThis, { given });
  const file = write(block, 'globalThis.given');
  try {
    await import(pathToFileURL(file).href);
    while (saved.length < ids.length) await new Promise((resolve) => setTimeout(resolve, 1));
    const { unsettled } = await client.drain();
    expect(unsettled).to.equal(0);
    expect([...saved].sort()).to.deep.equal([...ids].sort());
  } finally {
    rmSync(file);
    client.close();
    await emulator.stop();
  }
}

/** Runs the tests of a block, one after the other. */
async function passes(block: Block): Promise<void> {
  const tests: { readonly title: string; readonly test: () => unknown }[] = [];
  Object.assign(globalThis, { given: { it: (title: string, test: () => unknown) => tests.push({ title, test }) } });
  const file = write(block, 'globalThis.given');
  try {
    await import(pathToFileURL(file).href);
    if (tests.length === 0) throw new Error(`There are no tests in ${block.at}.`);
    for (const { title, test } of tests) {
      try {
        await test();
      } catch (error) {
        throw new Error(`${title}: ${String(error)}`, { cause: error });
      }
    }
  } finally {
    rmSync(file);
  }
}

/** Runs a block as a process, which prints each event that it saves, and sends it SIGTERM after some of them. */
async function runUntilTerminated(block: Block, emulator: Emulator, cwd: string, lines: number) {
  const { grpcEndpoint, httpUrl, ca, credentials } = emulator;
  const given = JSON.stringify({ grpcEndpoint, httpUrl, ca, credentials });
  const file = write(
    block,
    `await (async () => {
      const { clientCredentials, createClient } = await import('@rxforce/core');
      const { grpcEndpoint, httpUrl, ca, credentials } = ${given};
      return {
        client: createClient({
          auth: clientCredentials({ loginUrl: httpUrl, ...credentials }),
          endpoint: grpcEndpoint,
          tls: { ca },
        }),
        save: async ({ id }) => {
          await new Promise((resolve) => setTimeout(resolve, 2));
          console.log(id);
        },
      };
    })()`,
  );
  const tsx = import.meta.resolve('tsx');
  const child = spawn(process.execPath, ['--conditions=rxforce-source', `--import=${tsx}`, file], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    // A process that does not end must not outlive the test.
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  const printed: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    printed.push(line);
    if (printed.length === lines) child.kill('SIGTERM');
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  rmSync(file);
  return { lines: printed, exitCode };
}

/** Writes a block as a file, with what it is given. */
function write(block: Block, given: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${basename(block.page, '.md')}-${process.pid}-${BLOCKS.indexOf(block)}.mts`);
  writeFileSync(file, `const { ${givenTo(block).join(', ')} } = ${given};\n${block.code}\nexport {};\n`);
  return file;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import * as deadLetters from '@rxforce/dead-letters';
import * as operators from '@rxforce/operators';
import { memoryHost } from './memory-host.js';
import { PAGES } from './pages.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

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
export interface Block {
  /** The page and the line that it begins at. */
  readonly at: string;
  readonly page: string;
  readonly code: string;
  /** Whether the page wants it to be run: against an emulator, or as the tests that it is. */
  readonly kind: 'run' | 'test' | undefined;
}

/** All blocks of the pages. */
export const BLOCKS = PAGES.flatMap(blocksOf);

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
export function givenTo({ code, page }: Block): string[] {
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
export function mistakesIn(blocks: readonly Block[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.check.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const parsed = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  // As readers compile it: with the types that are published.
  const options = { ...parsed.options, noUnusedLocals: false, customConditions: [] };
  const sources = new Map(
    blocks.map((block, index) => [
      join(root, 'test', `page-${index}.ts`),
      [block.code, ...givenTo(block).map((name) => declarationOf(name, block)), 'export {};'].join('\n'),
    ]),
  );
  sources.set(join(root, 'test', 'page-libraries.d.ts'), LIBRARIES);
  const program = ts.createProgram([...sources.keys()], options, memoryHost(options, sources));
  return [...sources.keys()].flatMap((path, index) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${blocks[index]?.at}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}

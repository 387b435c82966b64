import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import ts from 'typescript';
import { TOOLS } from './tools-folder.js';

/** How an app is given the code that all have in common. */
interface Source {
  /** The files that it is made of. */
  readonly files: readonly ('accounts' | 'app' | 'emulated' | 'main')[];
  /** Whether it gets TypeScript, or what TypeScript makes of it. `'ts, bare'` imports without endings of names. */
  readonly as: 'js' | 'ts' | 'ts, bare';
}

const bundled = (as: Source['as']): Source => ({ files: ['accounts', 'main'], as });
const tested = (as: Source['as']): Source => ({ files: ['accounts', 'emulated'], as });

const SOURCES: Readonly<Record<string, Source>> = {
  esbuild: bundled('ts'),
  webpack: bundled('js'),
  rollup: bundled('js'),
  vite: bundled('ts'),
  ncc: bundled('js'),
  next: { files: ['accounts'], as: 'js' },
  'babel-jest': tested('js'),
  'ts-jest': tested('ts, bare'),
  'jest-esm': tested('js'),
  vitest: tested('ts'),
  'node-test': tested('js'),
  nest: { files: ['accounts', 'app'], as: 'ts' },
  'nest-modules': { files: ['accounts', 'app'], as: 'ts' },
};

/** An application of one tool. */
export interface App {
  readonly name: string;
  /** Its commands, by name. Each of them builds it if need be, and runs it. */
  readonly scripts: Readonly<Record<string, string>>;
}

const APPS = join(TOOLS, 'apps');

/** All applications, as they are in `apps`. */
export function allApps(): App[] {
  return readdirSync(APPS).map((name) => {
    const { scripts } = JSON.parse(readFileSync(join(APPS, name, 'package.json'), 'utf8')) as Pick<App, 'scripts'>;
    return { name, scripts };
  });
}

/** The texts of all files of the applications: what the guide may show. */
export function filesOfApps(): string[] {
  return readdirSync(APPS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
}

/** Puts an application into the folder of the tools, with its code. */
export function putApp(name: string, tools: string): void {
  const folder = join(tools, name);
  cpSync(join(APPS, name), folder, { recursive: true });
  mkdirSync(join(folder, 'src'));
  const source = SOURCES[name];
  if (source === undefined) throw new TypeError(`The app ${name} is made of no files.`);
  for (const file of source.files) {
    const text = readFileSync(join(TOOLS, 'source', `${file}.ts`), 'utf8');
    const isTyped = source.as !== 'js';
    writeFileSync(
      join(folder, 'src', `${file}.${isTyped ? 'ts' : 'js'}`),
      isTyped ? (source.as === 'ts' ? text : text.replaceAll(/(from '\.[^']*)\.js'/g, "$1'")) : withoutTypes(text),
    );
  }
}

function withoutTypes(text: string): string {
  return ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  }).outputText;
}

/** Runs a command of an application, as npm does. */
export function runScript(
  script: string,
  folder: string,
  variables: NodeJS.ProcessEnv,
): Promise<{ readonly code: unknown; readonly output: string }> {
  const tools = join(folder, '..', 'node_modules/.bin');
  const env = {
    ...process.env,
    ...variables,
    // mocha's own options are for the sources.
    NODE_OPTIONS: '',
    PATH: [tools, process.env.PATH].join(delimiter),
    TMPDIR: join(folder, '..'),
  };
  return new Promise((resolve) => {
    execFile('sh', ['-c', script], { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, output: `${basename(folder)}: ${script}\n${stdout}${stderr}` });
    });
  });
}

import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { memoryHost } from '../../../../test/support/memory-host.js';

/** Where modules that exist in memory only count as being: packages are found from here. */
const FOLDER = fileURLToPath(new URL('./', import.meta.url));

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  types: [],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
};

/** The last program of modules with these names: the next one takes over where it found what they import. */
const programs = new Map<string, ts.Program>();

/** Modules by their names, such as `salesforce.ts`. */
export type Modules = Readonly<Record<string, string>>;

/** What the compiler has to say of modules, under strict settings. */
export function mistakesIn(modules: Modules): readonly string[] {
  const program = programOf(modules);
  return Object.keys(modules).flatMap((name) => {
    const file = program.getSourceFile(FOLDER + name);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}

/** What an editor offers at the place marked `|` in a module. */
export function completionsIn(modules: Modules, name: string): readonly string[] {
  const position = modules[name]?.indexOf('|') ?? -1;
  const texts: Modules = { ...modules, [name]: modules[name]?.replace('|', '') ?? '' };
  const host: ts.LanguageServiceHost = {
    readFile: (path) => inMemory(texts, path) ?? ts.sys.readFile(path),
    fileExists: (path) => inMemory(texts, path) !== undefined || ts.sys.fileExists(path),
    getCompilationSettings: () => OPTIONS,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    getScriptFileNames: () => Object.keys(texts).map((each) => FOLDER + each),
    getScriptVersion: () => '0',
    getScriptSnapshot: (path) => {
      const text = inMemory(texts, path) ?? ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    directoryExists: (path) => ts.sys.directoryExists(path),
    getCurrentDirectory: () => FOLDER,
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
  };
  const found = ts.createLanguageService(host).getCompletionsAtPosition(FOLDER + name, position, undefined);
  return found?.entries.map((entry) => entry.name) ?? [];
}

/**
 * A decoded value as a literal, so that the compiler can say whether it is of a type: with nothing more, nothing less.
 */
export function literalOf(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return `new Uint8Array([${value.join()}])`;
  if (Array.isArray(value)) return `[${value.map(literalOf).join()}]`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}: ${literalOf(each)}`)
    .join()} }`;
}

function programOf(modules: Modules): ts.Program {
  const texts = new Map(Object.entries(modules).map(([name, text]) => [FOLDER + name, text]));
  const paths = [...texts.keys()];
  const program = ts.createProgram(paths, OPTIONS, memoryHost(OPTIONS, texts), programs.get(paths.join()));
  programs.set(paths.join(), program);
  return program;
}

function inMemory(modules: Modules, path: string): string | undefined {
  return path.startsWith(FOLDER) ? modules[path.slice(FOLDER.length)] : undefined;
}

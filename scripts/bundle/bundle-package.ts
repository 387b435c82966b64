import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { rollup, type Plugin } from 'rollup';
import ts from 'typescript';

/** Makes the JavaScript of one package, unless it is newer than all that it is made of. */
export async function bundlePackage(folder: string): Promise<void> {
  const entries = entriesOf(folder);
  if (isFresh(folder, entries)) return;
  const bundle = await rollup({
    input: Object.fromEntries(entries.map((entry) => [entry, join(folder, 'src', `${entry}.ts`)])),
    external: (id) => !/^[./]/.test(id) && !/^[A-Za-z]:/.test(id),
    plugins: [typescript],
    // What nobody uses here, users may.
    treeshake: false,
  });
  const { output } = await bundle.write({
    dir: join(folder, 'dist'),
    format: 'es',
    chunkFileNames: 'shared/[name].js',
    // Names as they are in the sources, for those who read a stack.
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    sourcemap: true,
    // The sources are published too.
    sourcemapExcludeSources: true,
  });
  await bundle.close();
  removeOthers(join(folder, 'dist'), new Set(output.map(({ fileName }) => fileName)));
}

/** What a package exports, and what its commands load: paths in `src` and in `dist`, without an extension. */
function entriesOf(folder: string): string[] {
  const { exports, bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | { readonly default?: string }>>;
    readonly bin?: Readonly<Record<string, string>>;
  };
  const exported = Object.values(exports).map((entry) => (typeof entry === 'string' ? entry : (entry.default ?? '')));
  const commands = Object.values(bin).map((file) => readFileSync(join(folder, file), 'utf8'));
  return [...exported, ...commands].flatMap((text) => /\.\/dist\/(.+)\.js/.exec(text)?.[1] ?? []);
}

/** TypeScript's own translation of each module, so that comments stay. */
const typescript: Plugin = {
  name: 'typescript',
  resolveId: (id, importer) =>
    id.startsWith('.') && importer !== undefined ? resolve(dirname(importer), id.replace(/\.js$/, '.ts')) : null,
  load: (id) => {
    const { outputText, sourceMapText } = ts.transpileModule(readFileSync(id, 'utf8'), {
      fileName: id,
      compilerOptions: OPTIONS,
    });
    return { code: outputText.replace(/^\/\/# sourceMappingURL=.*$/m, ''), map: sourceMapText ?? null };
  },
};

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  sourceMap: true,
};

function isFresh(folder: string, entries: readonly string[]): boolean {
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' });
  const newest = Math.max(...['package.json', ...sources.map((name) => join('src', name))].map(timeOf(folder)));
  return entries.every((entry) => timeOf(folder)(join('dist', `${entry}.js`)) >= newest);
}

/** When a file or folder was changed, in milliseconds; 0 where none is there. */
function timeOf(folder: string): (path: string) => number {
  return (path) => statSync(join(folder, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Removes what an earlier build has left: such files would be published. */
function removeOthers(dist: string, made: ReadonlySet<string>): void {
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (/\.js(\.map)?$/.test(name) && !made.has(name)) rmSync(join(dist, name));
  }
}

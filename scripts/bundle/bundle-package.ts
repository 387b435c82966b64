import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup, VERSION, type Plugin } from 'rollup';
import ts from 'typescript';

/** What was made last, and of what: a file beside `dist`, written when all is there. */
const STAMP = 'bundle.tsbuildinfo';

interface Stamp {
  readonly maker: string;
  readonly made: readonly string[];
}

/** Makes the JavaScript of one package, unless what is there is whole, and newer than all that it is made of. */
export async function bundlePackage(folder: string): Promise<void> {
  if (isFresh(folder)) return;
  const entries = entriesOf(folder);
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
    // What loads grpc-js is a file of its own, so that bundlers can leave it out where nobody connects.
    manualChunks: (id) => (/core[\\/]src[\\/]grpc[\\/]/.test(id) ? 'grpc' : undefined),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- It is the default only from Rollup 5 on.
    onlyExplicitManualChunks: true,
    // Names as they are in the sources, for those who read a stack.
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    sourcemap: true,
    // The sources are published too.
    sourcemapExcludeSources: true,
  });
  await bundle.close();
  const made = output.map(({ fileName }) => fileName);
  removeOthers(join(folder, 'dist'), new Set(made));
  writeFileSync(join(folder, STAMP), JSON.stringify({ maker: MAKER, made } satisfies Stamp));
}

/** Removes what was made. */
export function removeBundle(folder: string): void {
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  rmSync(join(folder, STAMP), { force: true });
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

/** Another script, Rollup or TypeScript makes other files. */
const MAKER = createHash('sha256')
  .update(readFileSync(fileURLToPath(import.meta.url)))
  .update(`${VERSION} ${ts.version}`)
  .digest('hex');

function isFresh(folder: string): boolean {
  const path = join(folder, STAMP);
  if (!existsSync(path)) return false;
  const { maker, made } = JSON.parse(readFileSync(path, 'utf8')) as Stamp;
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' });
  const newest = Math.max(...['package.json', ...sources.map((name) => join('src', name))].map(timeOf(folder)));
  const isWhole = made.every((name) => existsSync(join(folder, 'dist', name)));
  return isWhole && maker === MAKER && timeOf(folder)(STAMP) >= newest;
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

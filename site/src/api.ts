import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from 'typedoc';

/** An entry of a package that others may import. */
interface Entry {
  /** Such as `@rxforce/core/testing`. */
  readonly name: string;
  readonly source: string;
}

/**
 * Writes the reference of all that the packages export, as Markdown, from the doc comments in the sources.
 *
 * @param root - The folder of the project.
 * @param folder - Where the pages are to be.
 */
export async function writeReference(root: string, folder: string): Promise<void> {
  const entries = readdirSync(join(root, 'packages')).flatMap((name) => entriesOf(join(root, 'packages', name)));
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: join(root, 'site/tsconfig.api.json'),
    entryPoints: entries.map(({ source }) => source),
    basePath: root,
    // `npm run types` checks them.
    skipErrorChecking: true,
    excludeInternal: true,
    excludePrivate: true,
    readme: 'none',
    name: 'API reference',
    disableGit: true,
    logLevel: 'Warn',
    outputs: [{ name: 'markdown', path: folder }],
    ...MARKDOWN,
  });
  const points = app.getEntryPoints() ?? [];
  const named = points.map((point) => {
    const entry = entries.find(({ source }) => source === point.sourceFile.fileName);
    return { ...point, displayName: entry?.name ?? point.displayName };
  });
  const project = app.converter.convert(named);
  await app.generateOutputs(project);
  if (app.logger.hasErrors()) throw new Error('The API reference could not be written.');
}

const MARKDOWN = {
  entryFileName: 'index.md',
  router: 'member',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  enumMembersFormat: 'table',
  expandObjects: false,
} as const;

/** Entries for sibling packages are for nobody else. */
function entriesOf(folder: string): Entry[] {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    exports: Record<string, Record<string, string>>;
  };
  return Object.entries(exports)
    .map(([entry, { 'rxforce-source': source = '' }]) => ({ name: join(name, entry), source: join(folder, source) }))
    .filter((entry) => !entry.name.includes('/internal'));
}

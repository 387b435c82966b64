import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { exportsOf, type Exported } from './exports.js';
import { indexPage } from './index-page.js';
import { parseDiagram } from './marble.js';
import { kebab, operatorPage, typesPage, type Site } from './page.js';
import { drawDiagram } from './picture.js';

/** File names in a folder, and what is in them. */
export type Pages = ReadonlyMap<string, string>;

/** The packages whose exports have pages, by their folders. */
export const DOCUMENTED = ['operators', 'dead-letters'] as const;

const TYPES_PAGE = 'types.md';
/**
 * The twins of RxJS's operators do what RxJS's documentation says: docs/guides/rxjs-twins.md has what differs. Entries
 * for sibling packages have no pages.
 */
const WITHOUT_PAGES = /^@rxforce\/operators\/rxjs$|\/internal$/;

/**
 * Writes the pages and pictures of all that some packages export.
 *
 * @param packageFolders - Where the package.json of each is.
 * @param folder - Where the pages are to be: links to the sources start there.
 */
export async function generatePages(packageFolders: readonly string[], folder: string): Promise<Pages> {
  const exported = packageFolders.flatMap(exportsOf).filter(({ entry }) => !WITHOUT_PAGES.test(entry));
  const site: Site = { folder, pages: new Map(exported.map((each) => [each.name, pageOf(each, exported)])) };
  const typesOn = (page: string) => exported.filter(({ name, isType }) => isType && site.pages.get(name) === page);
  const pages = new Map<string, string>();
  for (const each of exported.filter(({ isType }) => !isType)) {
    const page = `${kebab(each.name)}.md`;
    pages.set(page, await explained(each, () => tidy(operatorPage(each, typesOn(page), site), folder)));
    const { diagram } = each.doc;
    if (diagram !== undefined) pages.set(`${kebab(each.name)}.svg`, drawDiagram(parseDiagram(diagram)));
  }
  const sharedTypes = typesOn(TYPES_PAGE);
  if (sharedTypes.length > 0) pages.set(TYPES_PAGE, await tidy(typesPage(sharedTypes, site), folder));
  return pages.set('README.md', await tidy(indexPage(exported, site), folder));
}

/** Types are on the page of the first function that the index takes from the same file. */
function pageOf({ name, isType, from }: Exported, exported: readonly Exported[]): string {
  const owner = isType ? exported.find((each) => !each.isType && each.from === from) : { name };
  return owner === undefined ? TYPES_PAGE : `${kebab(owner.name)}.md`;
}

async function tidy(page: string, folder: string): Promise<string> {
  return format(page, { ...(await resolveConfig(join(folder, 'page.md'))), parser: 'markdown' });
}

async function explained<T>({ name }: Exported, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (cause) {
    throw new Error(`The page of ${name} cannot be written: its doc comment must be mended.`, { cause });
  }
}

/** The names of pages that are missing, differ, or should not be there. */
export function stalePages(pages: Pages, folder: string): string[] {
  const differing = [...pages].filter(([name, text]) => contentOf(join(folder, name)) !== text).map(([name]) => name);
  return [...differing, ...strayPages(pages, folder)].sort();
}

/** Writes pages, and takes away those of operators that are no more. */
export function writePages(pages: Pages, folder: string): void {
  mkdirSync(folder, { recursive: true });
  strayPages(pages, folder).forEach((name) => rmSync(join(folder, name)));
  pages.forEach((text, name) => writeFileSync(join(folder, name), text));
}

function strayPages(pages: Pages, folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !pages.has(name));
  } catch {
    return [];
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

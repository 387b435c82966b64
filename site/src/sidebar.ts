import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultTheme } from 'vitepress';
import { linksOf, pageOf, pagesIn, REFERENCE, ROOT, routeOf, type Page } from './pages.js';

type Item = DefaultTheme.SidebarItem;

/** All pages are listed on this one, which gives their order. */
const OVERVIEW = 'docs/README.md';

/** The order of the sections. What is in them is found in their folders. */
function mainSections(): Item[] {
  return [
    section('Start', ['README.md', OVERVIEW].map(pageOf)),
    section('Guides', pagesIn('docs/guides', OVERVIEW)),
    section('Recipes', pagesIn('docs/guides/recipes', OVERVIEW)),
    section('Concepts', pagesIn('docs/concepts', OVERVIEW)),
    section('Reference', [...indexesIn('docs'), ...referenceIndex(), ...indexesIn('packages')]),
    section('Examples', [...indexesIn('examples'), pageOf('bench/README.md')]),
    section('More', [...pagesIn('docs', OVERVIEW), ...['SECURITY.md', 'MIGRATION.md', 'CONTRIBUTING.md'].map(pageOf)]),
  ];
}

/** The menus, by the part of the site that they are for: a folder of many pages has its own. */
export function sidebar(): Record<string, Item[]> {
  const folders = indexesIn('docs').map(({ file }) => file.replace('/README.md', ''));
  return {
    ...Object.fromEntries(folders.map((folder) => [`/${folder.replace('docs/', '')}/`, folderSections(folder)])),
    '/api/': [section('API reference', referencePages())],
    '/': mainSections().filter(({ items = [] }) => items.length > 0),
  };
}

/** The index of a folder, and its pages under the headings of the index. Those that it does not name come last. */
function folderSections(folder: string): Item[] {
  const index = pageOf(`${folder}/README.md`);
  const rest = pagesIn(folder, index.file);
  const chapters = readFileSync(join(ROOT, index.file), 'utf8').split(/^## /m).slice(1);
  const sections = chapters.map((text) => {
    const named = linksOf(index.file, text);
    const pages = rest.filter(({ file }) => named.includes(file));
    pages.forEach((page) => rest.splice(rest.indexOf(page), 1));
    return section(text.split('\n')[0] ?? '', pages);
  });
  const all = [section('', [index]), ...sections, section(sections.length === 0 ? index.title : 'Others', rest)];
  return all.filter(({ items = [] }) => items.length > 0);
}

function section(text: string, pages: readonly Page[]): Item {
  return { ...(text !== '' && { text }), items: pages.map(({ file, title }) => ({ text: title, link: linkTo(file) })) };
}

function linkTo(file: string): string {
  return `/${routeOf(file).replace(/(index)?\.md$/, '')}`;
}

/** The indexes of the folders in a folder. */
function indexesIn(parent: string): Page[] {
  const files = readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}/README.md`);
  return files.filter((file) => existsSync(join(ROOT, file))).map(pageOf);
}

function referenceIndex(): Page[] {
  const index = `${REFERENCE}/index.md`;
  return existsSync(join(ROOT, index)) ? [pageOf(index)] : [];
}

/** The index, and the page of each entry: the pages of what an entry exports are listed there. */
function referencePages(): Page[] {
  if (!existsSync(join(ROOT, REFERENCE))) return [];
  const names = readdirSync(join(ROOT, REFERENCE), { recursive: true, encoding: 'utf8' });
  const entries = names.filter((name) => name.endsWith('/index.md')).map((name) => pageOf(`${REFERENCE}/${name}`));
  return [...referenceIndex(), ...entries.sort((one, other) => one.title.localeCompare(other.title, 'en'))];
}

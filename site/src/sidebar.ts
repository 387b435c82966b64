import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pagesIn, REFERENCE, ROOT, routeOf, titleOf, type Page } from './pages.js';

/** An entry of the menu beside the pages, as VitePress takes it. */
export interface Item {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly Item[];
  readonly collapsed?: boolean;
}

/** All pages are listed on this one, which gives their order. */
const OVERVIEW = 'docs/README.md';

/** The order of the sections. What is in them is found in their folders. */
const SECTIONS: readonly (() => Item)[] = [
  () => section('Start', ['README.md', OVERVIEW].map(pageOf)),
  () => folder('Guides', 'docs/guides'),
  () => folder('Recipes', 'docs/guides/recipes'),
  () => folder('Concepts', 'docs/concepts'),
  () => operators(),
  () => section('Packages', readmesIn('packages'), true),
  () => section('Examples', [...readmesIn('examples'), pageOf('bench/README.md')], true),
  () => section('More', [...pagesIn('docs', OVERVIEW), ...['SECURITY.md', 'MIGRATION.md', 'CONTRIBUTING.md'].map(pageOf)]),
  () => folder('Decisions', 'docs/decisions', true),
];

/** The menus, by the part of the site that they are for. */
export function sidebar(): Record<string, Item[]> {
  const sections = SECTIONS.map((make) => make()).filter(({ items = [] }) => items.length > 0);
  return { '/api/': [section('API reference', referencePages())], '/': sections };
}

function folder(title: string, path: string, collapsed = false): Item {
  const pages = existsSync(join(ROOT, path)) ? pagesIn(path, indexOf(path)) : [];
  const index = `${path}/README.md`;
  return section(title, existsSync(join(ROOT, index)) ? [pageOf(index), ...pages] : pages, collapsed);
}

/** Folders without an index are listed on the overview. */
function indexOf(path: string): string {
  const own = `${path}/README.md`;
  return existsSync(join(ROOT, own)) ? own : OVERVIEW;
}

function operators(): Item {
  return folder('Operators', 'docs/operators', true);
}

function section(text: string, pages: readonly Page[], collapsed = false): Item {
  const items = pages.map(({ file, title }) => ({ text: title, link: linkTo(file) }));
  return { text, items, ...(collapsed && { collapsed }) };
}

function pageOf(file: string): Page {
  return { file, title: titleOf(file) };
}

function linkTo(file: string): string {
  return `/${routeOf(file).replace(/(index)?\.md$/, '')}`;
}

function readmesIn(parent: string): Page[] {
  const files = readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}/README.md`);
  return files.filter((file) => existsSync(join(ROOT, file))).map(pageOf);
}

/** The index, and the page of each entry: the pages of what an entry exports are listed there. */
function referencePages(): Page[] {
  const index = `${REFERENCE}/index.md`;
  if (!existsSync(join(ROOT, index))) return [];
  const names = readdirSync(join(ROOT, REFERENCE), { recursive: true, encoding: 'utf8' });
  const entries = names.filter((name) => name.endsWith('/index.md')).sort();
  return [pageOf(index), ...entries.map((name) => pageOf(`${REFERENCE}/${name}`))];
}

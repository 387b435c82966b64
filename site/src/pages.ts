import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project, where the pages stay. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where the API reference is written to, in the project. */
export const REFERENCE = 'site/api';

/** Files of the project that are no pages, though their names end like those of pages. */
export const NO_PAGES = [
  'bench/results/**',
  'coverage/**',
  'examples/*/*/**',
  'packages/*/*/**',
  'packages/*/!(README).md',
  'proto/**',
  'scripts/**',
  'site/*.md',
  'site/!(api)/**',
  'test/**',
];

/** Which page of the site a file becomes. */
const ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^README\.md$/, 'index.md'],
  [/^docs\/README\.md$/, 'overview.md'],
  [/^docs\/(.*\/)README\.md$/, '$1index.md'],
  [/^docs\//, ''],
  [/^(packages|examples)\/([\w-]+)\/README\.md$/, '$1/$2.md'],
  [/^bench\/README\.md$/, 'benchmarks.md'],
  [/^site\/api\/(@rxforce\/)?/, 'api/'],
];

/** The page of the site that a file of the project becomes, such as `guides/lint.md` of `docs/guides/lint.md`. */
export function routeOf(file: string): string {
  const [pattern, route] = ROUTES.find(([each]) => each.test(file)) ?? [];
  return pattern === undefined ? file.toLowerCase() : file.replace(pattern, route ?? '');
}

/** Where a link of a page leads. */
export type Target =
  | { readonly type: 'elsewhere' }
  | { readonly type: 'page'; readonly href: string }
  | { readonly type: 'source'; readonly path: string }
  | { readonly type: 'dead' };

/**
 * Reads a link as it is in the project. Those to pages, or to folders with a page, lead to pages of the site.
 *
 * @param file - The page that the link is on.
 */
export function targetOf(file: string, href: string): Target {
  if (/^(#|\/|[a-z][a-z+.-]*:)/i.test(href)) return { type: 'elsewhere' };
  const [path = '', hash] = decodeURI(href).split('#');
  const target = normalize(join(dirname(file), path)).replace(/\/$/, '');
  const page = [target, join(target, 'README.md')].find((each) => each.endsWith('.md') && existsSync(join(ROOT, each)));
  if (page !== undefined) return { type: 'page', href: `/${routeOf(page)}${hash === undefined ? '' : `#${hash}`}` };
  return existsSync(join(ROOT, target)) ? { type: 'source', path: target } : { type: 'dead' };
}

/** A page, by its file in the project, and what it is called. */
export interface Page {
  readonly file: string;
  readonly title: string;
}

/** A page is called what its first heading says. */
export function pageOf(file: string): Page {
  const [, heading = file] = /^# (.*)$/m.exec(readFileSync(join(ROOT, file), 'utf8')) ?? [];
  return { file, title: plain(heading) };
}

/**
 * The first paragraph of a page's text that is more than a word, as plain text of no more than a search engine shows.
 */
export function descriptionOf(text: string): string {
  const paragraphs = text.replace(/^```[\s\S]*?^```/gm, '').split(/\n{2,}/);
  const first = paragraphs.find((each) => /^[\w*`[(“"].*\s/.test(each) && !each.startsWith('Defined in:')) ?? '';
  // It is put between quotes as it is.
  const line = plain(first).replace(/\s+/g, ' ').replaceAll('"', "'").trim();
  return line.length <= 160 ? line : `${line.slice(0, line.lastIndexOf(' ', 157))} …`;
}

/** Markdown without its marks. */
function plain(markdown: string): string {
  return markdown
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|(?<![\w\\])_|_(?!\w)|`)/g, '')
    .replace(/\\(.)/g, '$1');
}

/** The anchor of a heading, as in the project: links to headings work in both places. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** The pages directly in a folder, in the order in which an index names them; others after them, by title. */
export function pagesIn(folder: string, index: string): Page[] {
  if (!existsSync(join(ROOT, folder))) return [];
  const named = linksOf(index, readFileSync(join(ROOT, index), 'utf8'));
  const rankOf = ({ file }: Page) => (named.includes(file) ? named.indexOf(file) : named.length);
  return readdirSync(join(ROOT, folder))
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith('.md') && !file.endsWith('README.md'))
    .map(pageOf)
    .sort((one, other) => rankOf(one) - rankOf(other) || one.title.localeCompare(other.title, 'en', { numeric: true }));
}

/** The pages that a text of a page links to. */
export function linksOf(page: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s#]+\.md)/g)].map(([, href = '']) => normalize(join(dirname(page), href)));
}

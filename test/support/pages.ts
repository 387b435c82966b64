import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The pages of this project, from its root. */
export const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  ...filesIn('docs').map((path) => `docs/${path}`),
  ...filesIn('packages')
    .filter((path) => /^[\w-]+\/README\.md$/.test(path))
    .map((path) => `packages/${path}`),
].filter((path) => path.endsWith('.md'));

function filesIn(path: string): string[] {
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.includes('node_modules'),
  );
}

/** Where the files of this project are, for pages that are read elsewhere: those of packages, which npm shows. */
const HOME = /^https:\/\/github\.com\/rxforce\/rxforce\/(?:blob|tree)\/main\//;

/** Links of a page that lead nowhere. */
export function deadLinksIn(page: string): string[] {
  const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]*)\)/g)];
  return links.flatMap(([, link = '']) => {
    if (!HOME.test(link) && /^https?:/.test(link)) return [];
    const [path = '', heading] = link.replace(HOME, '').split('#');
    const folder = HOME.test(link) ? root : join(root, page, '..');
    const target = path === '' ? join(root, page) : join(folder, path);
    return isThere(target, heading) ? [] : [`${page}: ${link}`];
  });
}

function isThere(target: string, heading: string | undefined): boolean {
  if (!ts.sys.fileExists(target) && !ts.sys.directoryExists(target)) return false;
  if (heading === undefined) return true;
  const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  return headings.includes(heading);
}

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from 'htmlparser2';

/** What a page has that others lead to, and where it leads itself. */
interface LinkedPage {
  readonly ids: ReadonlySet<string>;
  readonly links: readonly string[];
}

/**
 * Finds the links and pictures of a built site that lead nowhere: to files that are not there, and to headings that are
 * not. Links to other hosts are not followed.
 *
 * @param folder - The built site.
 * @param base - Where it will be served: a path that begins and ends with a slash.
 * @returns Each as `page: link`.
 */
export function deadLinksIn(folder: string, base = '/'): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  if (files.length === 0) throw new Error(`There are no pages in ${folder}.`);
  const pages = new Map(files.map((file) => [`${base}${file}`, read(join(folder, file))]));
  return [...pages].flatMap(([page, { links }]) =>
    [...new Set(links)].filter((link) => !isThere(link, page)).map((link) => `${page}: ${link}`),
  );

  function isThere(link: string, page: string): boolean {
    const { origin, pathname, hash } = new URL(link, `http://site${page}`);
    if (origin !== 'http://site') return true;
    const path = decodeURI(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const target = pages.get(path);
    if (target === undefined) return isFile(join(folder, path.slice(base.length))) && path.startsWith(base);
    return hash === '' || target.ids.has(decodeURIComponent(hash.slice(1)));
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function read(file: string): LinkedPage {
  const ids = new Set<string>();
  const links: string[] = [];
  const parser = new Parser({
    onopentag: (_name, { id, href, src }) => {
      if (id !== undefined) ids.add(id);
      const link = href ?? src;
      if (link !== undefined) links.push(link);
    },
  });
  parser.end(readFileSync(file, 'utf8'));
  return { ids, links };
}

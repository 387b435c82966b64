import { readFileSync } from 'node:fs';
import type { PageRoute } from './route.js';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/**
 * Routes of files, which are read once when they are first asked for.
 *
 * @param folder - The folder of the files, with a slash at its end.
 * @param files - The files by their paths on the server: `{ '/': 'live.html', '/style.css': 'style.css' }`.
 */
export function assetRoutes(folder: URL, files: Readonly<Record<string, string>>): readonly PageRoute[] {
  return Object.entries(files).map(([path, file]) => fileRoute(path, new URL(file, folder)));
}

/** The files that all pages have in common. */
const KIT = {
  '/kit.js': 'kit.js',
  '/feed.js': 'feed.js',
  '/words.js': 'words.js',
  '/style.css': 'style.css',
  '/icon.svg': 'icon.svg',
} as const;

/** What all pages have in common: `/kit.js` with its parts, `/style.css`, `/icon.svg` and `/preact.js`. */
export function kitRoutes(): readonly PageRoute[] {
  return [
    ...assetRoutes(ownAssets(), KIT),
    fileRoute('/preact.js', new URL(import.meta.resolve('htm/preact/standalone')), TYPES.js),
  ];
}

/** The folder of this package's own files. Found by the package's name, as a bundle of its code is elsewhere. */
export function ownAssets(): URL {
  return new URL('../assets/', import.meta.resolve('@rxforce/live-page'));
}

function fileRoute(path: string, file: URL, type?: string): PageRoute {
  let body: Buffer | undefined;
  const extension = file.pathname.split('.').at(-1) ?? '';
  const contentType = type ?? TYPES[extension] ?? 'application/octet-stream';
  return {
    method: 'GET',
    path,
    handle: () => ({ type: 'text', contentType, body: (body ??= readFileSync(file)) }),
  };
}

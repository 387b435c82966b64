import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { asInTheProject, fileOf } from '../src/markdown.js';
import { descriptionOf, NO_PAGES, routeOf } from '../src/pages.js';
import { sidebar } from '../src/sidebar.js';

export default defineConfig({
  title: 'rxforce',
  description: 'Change events and platform events of a Salesforce org as RxJS Observables, with delivery that is counted.',
  lang: 'en',
  base: process.env.SITE_BASE ?? '/',
  srcDir: '..',
  srcExclude: NO_PAGES,
  outDir: 'dist',
  cacheDir: '.vitepress/cache',
  rewrites: routeOf,
  cleanUrls: false,
  markdown: { config: asInTheProject },
  transformPageData: ({ filePath }) => ({ description: descriptionOf(readFileSync(fileOf(filePath), 'utf8')) }),
  themeConfig: {
    nav: [
      { text: 'Overview', link: '/overview' },
      { text: 'Operators', link: '/operators/' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
  },
});

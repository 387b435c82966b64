import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitepress';
import { asInTheProject, fileOf } from '../src/markdown.js';
import { anchorOf, descriptionOf, NO_PAGES, routeOf } from '../src/pages.js';
import { sidebar } from '../src/sidebar.js';

/** An event that is settled. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<circle cx="16" cy="16" r="14" fill="#c5efcf" stroke="#2c974b" stroke-width="3"/>
<path d="M9 17l5 5 9-11" fill="none" stroke="#1f2328" stroke-width="3"/></svg>`;

/** Pages are outside of this folder, where nobody finds the packages of the site. */
function vueOfTheSite(): Plugin {
  const importer = fileURLToPath(import.meta.url);
  return {
    name: 'vue-of-the-site',
    enforce: 'pre',
    // They cannot be prepared from there either, and are served as they are.
    config: {
      order: 'post',
      handler: ({ optimizeDeps = {} }) => void (optimizeDeps.include = []),
    },
    resolveId(id, _importer, options) {
      return /^vue(\/|$)/.test(id) ? this.resolve(id, importer, { ...options, skipSelf: true }) : undefined;
    },
  };
}

export default defineConfig({
  title: 'rxforce',
  description:
    'Change events and platform events of a Salesforce org as RxJS Observables, with delivery that is counted.',
  lang: 'en',
  base: process.env.SITE_BASE ?? '/',
  srcDir: '..',
  srcExclude: NO_PAGES,
  outDir: 'dist',
  cacheDir: '.vitepress/cache',
  rewrites: routeOf,
  cleanUrls: false,
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  // Their colours can be told apart from the background by weak eyes, too.
  markdown: {
    config: asInTheProject,
    anchor: { slugify: anchorOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  transformPageData: ({ filePath }) => ({ description: descriptionOf(readFileSync(fileOf(filePath), 'utf8')) }),
  vite: { plugins: [vueOfTheSite()] },
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

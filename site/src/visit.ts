import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { serve } from './serve.js';

/** How a reader looks at a page. */
export interface Look {
  /** @defaultValue false */
  readonly dark?: boolean;
  /** The width of the window, in pixels. @defaultValue 1280 */
  readonly width?: number;
}

/** What a page is to a reader, to a screen reader and to a search engine. */
export interface Visit {
  readonly title: string;
  readonly description: string;
  readonly lang: string;
  /** How often each landmark occurs, by its role. */
  readonly landmarks: Readonly<Record<string, number>>;
  /** The levels of the headings, in the order of the page. */
  readonly headings: readonly number[];
  /** What axe found against WCAG 2.1 AA and good practice, as `rule: element`. */
  readonly violations: readonly string[];
  /** Errors and warnings on the console, and requests that failed. */
  readonly complaints: readonly string[];
  /** Requests to other hosts. */
  readonly foreign: readonly string[];
  /** By how many pixels the page is wider than the window. */
  readonly overflow: number;
}

/** Visits the pages of a built site in a browser. */
export interface Visitor {
  visit(path: string, look?: Look): Promise<Visit>;
  /** Types a text into the search, and reads the pages that it finds. */
  search(text: string): Promise<string[]>;
  /** Takes a picture of what a reader sees first, as PNG. */
  picture(path: string, look?: Look): Promise<Buffer>;
  close(): Promise<void>;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LANDMARKS = ['banner', 'navigation', 'main', 'contentinfo'] as const;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
/** Without them, Chromium looks for its maker's hosts. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Serves a built site, and opens it in a browser without a window.
 *
 * @param folder - The built site.
 * @param executablePath - The browser: Chromium.
 */
export async function openSite(folder: string, executablePath: string): Promise<Visitor> {
  const served = await serve(folder);
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  return {
    visit: (path, look) => withPage(browser, look, (page) => visit(page, served.url, path)),
    search: (text) => withPage(browser, {}, (page) => search(page, served.url, text)),
    picture: (path, look) =>
      withPage(browser, look, async (page) => {
        await page.goto(served.url + path, { waitUntil: 'networkidle' });
        return page.screenshot();
      }),
    close: async () => {
      await browser.close();
      await served.close();
    },
  };
}

async function withPage<T>(
  browser: Browser,
  { dark = false, width = 1280 }: Look = {},
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    // Nothing is to be looked at while it fades in.
    reducedMotion: 'reduce',
  });
  try {
    return await use(page);
  } finally {
    await page.close();
  }
}

async function visit(page: Page, site: string, path: string): Promise<Visit> {
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(site)) foreign.push(request.url());
  });
  const response = await page.goto(site + path, { waitUntil: 'networkidle' });
  if (response?.ok() !== true) throw new Error(`There is no page at ${path}.`);
  const counts = LANDMARKS.map(async (role) => [role, await page.getByRole(role).count()] as const);
  const landmarks = Object.fromEntries(await Promise.all(counts));
  const seen = await page.evaluate(() => ({
    title: document.title,
    description: document.querySelector('meta[name=description]')?.getAttribute('content') ?? '',
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll('main h1, main h2, main h3, main h4, main h5, main h6')].map((heading) =>
      Number(heading.tagName.slice(1)),
    ),
    overflow: document.documentElement.scrollWidth - window.innerWidth,
  }));
  await page.evaluate(AXE);
  const violations = await page.evaluate(async (values) => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    const results = await axe.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
    return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  }, RULES);
  return { ...seen, landmarks, violations, complaints, foreign };
}

async function search(page: Page, site: string, text: string): Promise<string[]> {
  await page.goto(`${site}/`, { waitUntil: 'networkidle' });
  await page.getByRole('button', { name: 'Search' }).first().click();
  await page.getByRole('searchbox').fill(text);
  const results = page.getByRole('option').getByRole('link');
  await results.first().waitFor();
  return results.evaluateAll((links) => links.map((link) => new URL((link as HTMLAnchorElement).href).pathname));
}

import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumBinary } from './chromium.js';

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

/** How somebody looks at a page. */
export interface Look {
  /** @defaultValue false */
  readonly dark?: boolean;
  /** The width of the window, in pixels. @defaultValue 1150 */
  readonly width?: number;
  /** The height of the window, in pixels. @defaultValue 800 */
  readonly height?: number;
}

/** A page that somebody looks at. */
export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings on the console, and errors of scripts. */
  readonly complaints: readonly string[];
  /** Requests to other hosts than that of the page. */
  readonly foreign: readonly string[];
}

/** A browser without a window: Chromium, as the system has it. */
export class TestBrowser {
  private constructor(private readonly browser: Browser) {}

  static async open(): Promise<TestBrowser> {
    return new TestBrowser(await chromium.launch({ executablePath: await chromiumBinary(), args: FLAGS }));
  }

  /** Opens a page, in a profile of its own. */
  async look(url: string, { dark = false, width = 1150, height = 800 }: Look = {}): Promise<OpenPage> {
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      // Nothing is to be looked at while it moves.
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    const foreign: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (/^https?:$/.test(protocol) && host !== new URL(url).host) foreign.push(request.url());
    });
    await page.goto(url);
    return { page, complaints, foreign };
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { anchorOf, descriptionOf, pagesIn, routeOf, targetOf } from '../site/src/pages.js';
import { chromiumBinary } from './support/chromium.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'site/dist');

/** How a page looks: as in `site/src/visit.ts`, whose types need the tools of the site. */
interface Visit {
  readonly title: string;
  readonly description: string;
  readonly lang: string;
  readonly landmarks: Readonly<Record<string, number>>;
  readonly headings: readonly number[];
  readonly violations: readonly string[];
  readonly complaints: readonly string[];
  readonly foreign: readonly string[];
  readonly overflow: number;
}

interface Look {
  readonly dark?: boolean;
  readonly width?: number;
}

interface Visitor {
  visit(path: string, look?: Look): Promise<Visit>;
  search(text: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Loads a module of the site, once its tools are installed. */
async function siteModule<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(root, 'site/src', name)).href)) as T;
}

async function deadLinksIn(folder: string, base?: string): Promise<string[]> {
  interface DeadLinks {
    deadLinksIn(folder: string, base?: string): string[];
  }
  return (await siteModule<DeadLinks>('dead-links.ts')).deadLinksIn(folder, base);
}

describe('npm run site', function () {
  this.timeout(900_000);
  let visitor: Visitor | undefined;

  before(async () => {
    await promisify(execFile)('npm', ['run', '--silent', 'site'], { cwd: root, maxBuffer: 10_000_000 });
    const { openSite } = await siteModule<{ openSite(folder: string, browser: string): Promise<Visitor> }>('visit.ts');
    visitor = await openSite(dist, await chromiumBinary());
  });

  after(() => visitor?.close());

  it('is written in types that fit', async () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '-p', 'site'], { cwd: root });
  });

  it('makes a page of each page of the project', () => {
    const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`);
    const all = [...pages, 'README.md', 'SECURITY.md', 'packages/core/README.md', 'bench/README.md'];
    expect(pages.length).to.be.greaterThan(90);
    expect(all.filter((file) => !existsSync(join(dist, routeOf(file).replace('.md', '.html'))))).to.deep.equal([]);
  });

  it('makes a reference of each entry of each package, but for those of siblings', () => {
    const entries = readdirSync(join(root, 'packages')).flatMap((name) => {
      const { exports } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
        exports: object;
      };
      return Object.keys(exports).map((entry) => join('api', name, entry, 'index.html'));
    });
    const missing = entries.filter((path) => !existsSync(join(dist, path)));
    expect(entries.length).to.be.greaterThan(12);
    expect(missing.filter((path) => !path.includes('/internal'))).to.deep.equal([]);
    expect(missing.length).to.be.greaterThan(0);
    const concatMap = readFileSync(join(dist, 'api/operators/rxjs/functions/concatMap.html'), 'utf8');
    expect(concatMap).to.include('settled ----a--b---').and.to.include('data:image/svg+xml');
  });

  it('has no dead link, to a page or to a heading', async () => expect(await deadLinksIn(dist)).to.deep.equal([]));

  it('gives each page a title, a description and one first heading, and each picture its words', () => {
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
    const pages = files.filter((name) => name !== '404.html').map((name) => readFileSync(join(dist, name), 'utf8'));
    expect(pages.length).to.be.greaterThan(500);
    const wrong = pages.flatMap((html, index) => {
      const isWhole =
        /<title>[^<]{3,}<\/title>/.test(html) &&
        /<meta name="description" content="[^"]{10,}">/.test(html) &&
        html.includes('<html lang="en"') &&
        html.match(/<h1/g)?.length === 1 &&
        !/<img(?![^>]* alt="[^"]+")/.test(html);
      return isWhole ? [] : [files.filter((name) => name !== '404.html')[index]];
    });
    expect(wrong).to.deep.equal([]);
  });

  it('finds an operator, its page first', async () => {
    const found = await visitor?.search('batchBy');
    expect(found?.[0]).to.equal('/operators/batch-by.html');
    expect(found).to.include('/api/operators/functions/batchBy.html');
  });

  const paths = [
    '/',
    '/operators/',
    '/operators/batch-by.html',
    '/guides/coming-from.html',
    '/concepts/streams.html',
    '/api/operators/rxjs/functions/concatMap.html',
  ];
  const looks: [string, Look][] = [
    ['in light colours', {}],
    ['in dark colours', { dark: true }],
    ['on a phone', { width: 375 }],
  ];
  for (const path of paths) {
    for (const [how, look] of looks) {
      it(`can be read by everybody ${how} (${path})`, async () => {
        const page = await visitor!.visit(path, look);
        expect(page.violations).to.deep.equal([]);
        expect(page.complaints).to.deep.equal([]);
        expect(page.foreign).to.deep.equal([]);
        expect(page.overflow).to.be.at.most(0);
        expect(page.lang).to.equal('en');
        expect(page.landmarks).to.include({ banner: 1, main: 1 });
        expect(page.landmarks.navigation).to.be.greaterThan(0);
        expect(page.headings[0]).to.equal(1);
        const jumps = page.headings.filter((level, index) => level > (page.headings[index - 1] ?? 0) + 1);
        expect(jumps).to.deep.equal([]);
      });
    }
  }
});

describe('The check of links', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxforce-site-'));
    mkdirSync(join(folder, 'a'));
    writeFileSync(join(folder, 'index.html'), '<h1 id="top">Top</h1><a href="a/b.html#there">b</a><a href="/a/">a</a>');
    writeFileSync(join(folder, 'a/index.html'), '<img src="/x.svg"><a href="https://example.com/none">elsewhere</a>');
    writeFileSync(join(folder, 'a/b.html'), '<h2 id="there">There</h2><a href="../#top">top</a>');
    writeFileSync(join(folder, 'x.svg'), '<svg/>');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('passes what is there, and does not follow links to other hosts', async () => {
    expect(await deadLinksIn(folder)).to.deep.equal([]);
  });

  const broken: [string, string, string][] = [
    ['a page that is missing', '<a href="/a/c.html">c</a>', '/p.html: /a/c.html'],
    ['a heading that is missing', '<a href="/a/b.html#here">b</a>', '/p.html: /a/b.html#here'],
    ['a heading of its own that is missing', '<a href="#here">here</a>', '/p.html: #here'],
    ['a picture that is missing', '<img src="y.svg">', '/p.html: y.svg'],
    ['a folder without an index', '<a href="/b/">b</a>', '/p.html: /b/'],
  ];
  for (const [what, html, dead] of broken) {
    it(`finds ${what}`, async () => {
      writeFileSync(join(folder, 'p.html'), html);
      expect(await deadLinksIn(folder)).to.deep.equal([dead]);
    });
  }

  it('takes no folder without pages for a site', async () => {
    const none: unknown = await deadLinksIn(join(folder, 'a', 'none')).catch((error: unknown) => error);
    expect(none).to.be.an('error');
    rmSync(join(folder, 'a'), { recursive: true });
    rmSync(join(folder, 'index.html'));
    expect(await deadLinksIn(folder).catch(String)).to.include('no pages');
  });

  it('knows the path that the site is served at', async () => {
    expect(await deadLinksIn(folder, '/docs/')).to.deep.equal(['/docs/index.html: /a/', '/docs/a/index.html: /x.svg']);
  });
});

describe('The pages of the site', () => {
  const links: [string, string, object][] = [
    ['docs/README.md', 'guides/lint.md', { type: 'page', href: '/guides/lint.md' }],
    ['docs/guides/lint.md', '../../README.md#packages', { type: 'page', href: '/index.md#packages' }],
    ['docs/README.md', 'decisions', { type: 'page', href: '/decisions/index.md' }],
    ['README.md', 'packages/core', { type: 'page', href: '/packages/core.md' }],
    ['README.md', 'packages/core/src', { type: 'source', path: 'packages/core/src' }],
    ['docs/README.md', 'none.md', { type: 'dead' }],
    ['docs/README.md', '#to-run', { type: 'elsewhere' }],
    ['docs/README.md', 'https://example.com', { type: 'elsewhere' }],
  ];
  for (const [file, href, target] of links) {
    it(`read ${href} in ${file} as it is in the project`, () => expect(targetOf(file, href)).to.deep.equal(target));
  }

  it('are described by their first paragraph, without marks, and not by code', () => {
    const text =
      '# Title\n\n```ts\nconst a = 1;\n```\n\nDefined in: x.ts\n\n**Why.**\n\nA _page_ with "words" about [`handle`](a.md)\nand **more**.\n';
    expect(descriptionOf(text)).to.equal("A page with 'words' about handle and more.");
    expect(descriptionOf(`# T\n\n${'word '.repeat(60)}`)).to.match(/^(word ){20,31}…$/);
  });

  it('have headings with the anchors that they have in the project', () => {
    const heading = "2. What's new in `handle()` & co.";
    expect(anchorOf(heading)).to.equal('2-whats-new-in-handle--co');
  });

  it('come in the order of the overview', () => {
    const [first, second] = pagesIn('docs/guides/recipes', 'docs/README.md');
    expect([first?.title, second?.title]).to.deep.equal(['PostgreSQL', 'Kubernetes']);
  });
});

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import * as deadLetters from '@rxforce/dead-letters';
import * as operators from '@rxforce/operators';
import { DOCUMENTED, generatePages, stalePages, writePages, type Pages } from '../scripts/docs/generate.js';
import { wellFormed, type XmlElement } from './support/xml.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = DOCUMENTED.map((name) => join(root, 'packages', name));

const SAMPLE = `
/** How \`pairUp\` pairs. */
export interface PairUpOptions<T> {
  /**
   * Most values that wait,
   * at least 1.
   *
   * @defaultValue 1
   */
  readonly size?: number;
  /** The key of a value. */
  readonly keyBy: (value: T) => string | number;
}

/**
 * Pairs values up, such as \`a.b\`. It is a sample.
 *
 * \`\`\`marble
 * source  -a-b--(cd|)      a = 1, b = { of: 2, and: 3 }
 *         pairUp('<', { keyBy })
 * result  ---x--(y#)       x = [a, b], y = [c, d]
 * \`\`\`
 *
 * More about it.
 *
 * - Complete: emits what
 *   was left.
 * - Delivery: holds.
 *
 * @param order - Which one is first.
 * @throws \`ConfigurationError\` when there is
 * no order.
 * @example
 * \`\`\`ts
 * // @ts-check is no tag here
 * pairUp('<', { keyBy: String });
 * \`\`\`
 */
export function pairUp<T>(order: '<' | '>', { size = 1, keyBy }: PairUpOptions<T>): OperatorFunction<T, T[]> {
  return hidden(order, size, keyBy);
}

/** Not exported by the index. */
export function hidden(): never {
  throw new Error();
}
`;

const COUNT = `
/** Counts. By number, or by text. */
export function count(by: number): number;
export function count(by: string, step?: number): string;
export function count(by: never): never {
  return by;
}
`;

const COUNTER = `
/** What counts. */
export interface Counter<T = string> extends Iterable<T> {
  readonly at?: T;
  next(
    by: number,
    step: number,
  ): T;
}
`;

const PAGE = `<!-- Written by \`npm run docs\` from the doc comments in the sources: change those. -->

# pairUp

Pairs values up, such as \`a.b\`. It is a sample.

![source -a-b--(cd|), pairUp('\\<', { keyBy }), result ---x--(y#)](pair-up.svg)

\`a = 1\` · \`b = { of: 2, and: 3 }\` · \`x = [a, b]\` · \`y = [c, d]\`

More about it.

\`\`\`typescript
import { pairUp } from "@rxforce/sample";

function pairUp<T>(
  order: "<" | ">",
  options: PairUpOptions<T>,
): OperatorFunction<T, T[]>;
\`\`\`

## Behaviour

- **Complete:** emits what
  was left.
- **Delivery:** holds.

## Parameters

| parameter | meaning                                          |
| --------- | ------------------------------------------------ |
| \`order\`   | Which one is first.                              |
| \`options\` | See [\`PairUpOptions\`](pair-up.md#pairupoptions). |

## PairUpOptions

How \`pairUp\` pairs.

\`PairUpOptions<T>\`

| option  | type                             | default  | effect                             |
| ------- | -------------------------------- | -------- | ---------------------------------- |
| \`size\`  | \`number\`                         | 1        | Most values that wait, at least 1. |
| \`keyBy\` | \`(value: T) => string \\| number\` | required | The key of a value.                |

## Errors

- \`ConfigurationError\` when there is no order.

## Example

\`\`\`ts
// @ts-check is no tag here
pairUp("<", { keyBy: String });
\`\`\`

[Source](../../packages/operators/src/pair-up.ts) · [All operators](README.md)
`;

describe('The pages of the operators', () => {
  const folder = join(root, 'docs/operators');
  let pages: Pages;

  before(async () => (pages = await generatePages(FOLDERS, folder)));

  it('are those that npm run docs would write', () => {
    expect(stalePages(pages, folder)).to.deep.equal([]);
  });

  it('tell about everything that is exported', () => {
    const indexes = FOLDERS.map((each) => readFileSync(join(each, 'src/index.ts'), 'utf8')).join('\n');
    const types = [...indexes.matchAll(/^export type \{([^}]*)\}/gm)].flatMap(([, names = '']) => names.split(','));
    const functions = [...Object.keys(operators), ...Object.keys(deadLetters)];
    const names = [...functions, ...types.map((name) => name.trim())].filter((name) => name !== '');
    expect(names).to.have.length.of.at.least(9);
    expect(names.filter((name) => !isToldAbout(name, pages))).to.deep.equal([]);
  });
});

/** Whether the index leads to a page with a heading of that name. */
function isToldAbout(name: string, pages: Pages): boolean {
  const link = new RegExp(`\\[\`?${name}\`?\\]\\(([\\w-]+\\.md)`).exec(pages.get('README.md') ?? '');
  const page = pages.get(link?.[1] ?? '') ?? '';
  return page.split('\n').some((line) => /^##? /.test(line) && line.replace(/^##? /, '') === name);
}

describe('npm run docs', () => {
  let sample = '';
  let folder = '';

  beforeEach(() => {
    sample = mkdtempSync(join(tmpdir(), 'rxforce-operator-docs-'));
    folder = join(sample, 'docs/operators');
    mkdirSync(join(sample, 'packages/dead-letters'), { recursive: true });
    writeFileSync(join(sample, 'packages/dead-letters/package.json'), '{ "name": "@rxforce/none", "exports": {} }');
    write('package.json', '{ "name": "@rxforce/sample", "exports": { ".": { "rxforce-source": "src/index.ts" } } }');
    write(
      'src/index.ts',
      "export { pairUp } from './pair-up.js';\nexport type { PairUpOptions } from './pair-up.js';\n",
    );
    write('src/pair-up.ts', SAMPLE);
  });

  afterEach(() => rmSync(sample, { recursive: true }));

  const write = (file: string, text: string) => {
    const path = join(sample, 'packages/operators', file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  };
  const generate = () => generatePages([join(sample, 'packages/operators')], folder);

  it('writes a page of the doc comment, with its options', async () => {
    const pages = await generate();
    expect([...pages.keys()].sort()).to.deep.equal(['README.md', 'pair-up.md', 'pair-up.svg']);
    expect(pages.get('pair-up.md')).to.equal(PAGE);
  });

  it('writes an index with the picture, which leads to the page', async () => {
    const index = (await generate()).get('README.md');
    expect(index).to.include('### [pairUp](pair-up.md)\n\nPairs values up, such as `a.b`.\n\n[![');
    expect(index).to.include('](pair-up.svg)](pair-up.md)');
    expect(index).to.include('[`PairUpOptions`](pair-up.md#pairupoptions)');
    expect(index).not.to.include('hidden');
  });

  it('draws the diagram, well-formed, with what each stream emits and when', async () => {
    const svg = wellFormed((await generate()).get('pair-up.svg') ?? '');
    const texts = Array.from(svg.getElementsByTagName('text')).map(({ textContent }) => textContent);
    expect(texts).to.include("pairUp('<', { keyBy })");
    const [a, b, c, x] = ['a', 'b', 'c', 'x'].map((value) => leftOf(svg, value)) as [number, number, number, number];
    expect(b - a).to.be.greaterThan(40);
    expect(c - b).to.be.closeTo(((b - a) * 3) / 2, 0.1);
    expect(x).to.equal(b);
    expect(leftOf(svg, 'd')).to.equal(c);
  });

  it('writes signatures and types, where there is no diagram', async () => {
    write(
      'src/index.ts',
      "export { count as tally } from './others.js';\nexport type { Counter } from './others.js';\n",
    );
    write('src/others.ts', `export type { Counter } from './more.js';\n${COUNT}`);
    write('src/more.ts', COUNTER);
    const pages = await generate();
    const signatures = 'function tally(by: number): number;\nfunction tally(by: string, step?: number): string;\n```';
    expect([...pages.keys()].sort()).to.deep.equal(['README.md', 'tally.md']);
    expect(pages.get('README.md')).to.include(`### [tally](tally.md)\n\nCounts.\n\n\`\`\`typescript\n${signatures}`);
    expect(pages.get('tally.md')).to.include(signatures);
    expect(pages.get('tally.md')).to.include('`Counter<T = string>`\n\nHas all that `Iterable<T>` has, and:');
    expect(pages.get('tally.md'))
      .to.match(/\| `at\?` +\| `T` +\|/)
      .and.to.match(/\| `next` +\| `\(by: number, step: number\): T` +\|/);
  });

  it('puts types that no function is beside on a page of their own', async () => {
    write('src/index.ts', "export type { Alone } from './alone.js';\n");
    write('src/alone.ts', "/** One of two. */\nexport type Alone = 'a' | 'b';\n");
    const pages = await generate();
    expect(pages.get('types.md')).to.include('## Alone\n\nOne of two.\n\n```typescript\ntype Alone = "a" | "b";\n```');
    expect(pages.get('README.md')).to.include('[`Alone`](types.md#alone)');
  });

  it('names the operator whose diagram cannot be read', async () => {
    write('src/pair-up.ts', SAMPLE.replace(/^ \* result.*\n/m, ''));
    const error: unknown = await generate().catch((reason: unknown) => reason);
    expect(error).to.be.an('error').with.property('message').that.includes('pairUp');
  });

  it('refuses an export that is not named', async () => {
    write('src/index.ts', "export * from './pair-up.js';\n");
    expect(await generate().catch(String)).to.include('only names');
  });

  it('finds pages that differ, are missing or are too many, and mends them', async () => {
    const pages = await generate();
    writePages(pages, folder);
    expect(stalePages(pages, folder)).to.deep.equal([]);
    writeFileSync(join(folder, 'README.md'), 'old');
    rmSync(join(folder, 'pair-up.svg'));
    writeFileSync(join(folder, 'gone.md'), 'no operator');
    expect(stalePages(pages, folder)).to.deep.equal(['README.md', 'gone.md', 'pair-up.svg']);
    writePages(pages, folder);
    expect(stalePages(pages, folder)).to.deep.equal([]);
  });

  it('fails with --check, naming the stale pages, until it was run without', async function () {
    this.timeout(90_000);
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [`--import=${import.meta.resolve('tsx')}`, main, ...args], { cwd: sample });
    const main = join(root, 'scripts/docs/main.ts');
    const failed = (await run('--check').catch((error: unknown) => error)) as { code: number; stderr: string };
    expect(failed.code).to.equal(1);
    expect(failed.stderr).to.include('README.md, pair-up.md, pair-up.svg').and.to.include('npm run docs');
    await run();
    expect(stalePages(await generate(), folder)).to.deep.equal([]);
  });
});

/** Where the marble with a value is, from the left. */
function leftOf(svg: XmlElement, value: string): number {
  const text = Array.from(svg.getElementsByTagName('text')).find(({ textContent }) => textContent === value);
  const transform = text?.parentNode.getAttribute('transform') ?? '';
  return Number(/translate\(([\d.]+)/.exec(transform)?.[1]);
}

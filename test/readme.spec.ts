import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The first block of a language in a page. */
function block(page: string, language: string): string {
  const text = readFileSync(`${root}${page}`, 'utf8');
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (found === undefined) throw new Error(`${page} has no block of ${language}.`);
  return found;
}

describe('README', () => {
  // Beside the demo, where the packages can be found.
  const file = `${root}examples/demo/src/readme-pipeline.ts`;

  afterEach(() => rmSync(file, { force: true }));

  it('shows a first pipeline that runs, with the output that it has', async () => {
    writeFileSync(file, block('README.md', 'ts'));
    const args = ['--conditions=rxforce-source', '--import=tsx', file];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    expect(stdout).to.equal(block('README.md', 'text'));
  });
});

describe('Getting started', () => {
  const page = 'docs/guides/getting-started.md';
  const file = `${root}examples/demo/src/quick-start.mjs`;

  afterEach(() => rmSync(file, { force: true }));

  it('shows a quick start in plain JavaScript that runs with the built packages, with the output that it has', async () => {
    writeFileSync(file, block(page, 'js'));
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: root });
    expect(stdout).to.equal(block(page, 'text'));
  });

  it('installs packages that are here', () => {
    const names = [...block(page, 'sh').matchAll(/@rxforce\/([\w-]+)/g)].map(([, name = '']) => name);
    expect(names).to.have.length.greaterThan(2);
    expect(names.filter((name) => !existsSync(`${root}packages/${name}/package.json`))).to.deep.equal([]);
  });
});

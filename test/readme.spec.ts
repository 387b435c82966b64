import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { bundled } from './support/bundled.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The first block of a language in a page. */
function block(page: string, language: string): string {
  const text = readFileSync(`${root}${page}`, 'utf8');
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (found === undefined) throw new Error(`${page} has no block of ${language}.`);
  return found;
}

/** The first block of a language after a heading of the README. */
function blockAfter(heading: string, language: string): string {
  const text = readFileSync(`${root}README.md`, 'utf8').split(`${heading}\n`)[1] ?? '';
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? '';
}

describe('README', () => {
  // Beside the demo, where the packages can be found.
  const file = `${root}examples/demo/src/readme-pipeline.ts`;

  afterEach(() => rmSync(file, { force: true }));

  it('shows a first pipeline that runs, with the output that it has', async () => {
    writeFileSync(file, block('README.md', 'ts'));
    const { stdout } = await promisify(execFile)(process.execPath, [bundled(pathToFileURL(file))], { cwd: root });
    expect(stdout).to.equal(block('README.md', 'text'));
  });
});

describe('The commands of the README', function () {
  this.timeout(120_000);
  let folder = '';

  before(() => (folder = mkdtempSync(join(tmpdir(), 'rxforce-readme-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('are files of the repository, as npm links no command that a build has yet to make', () => {
    for (const name of readdirSync(`${root}packages`)) {
      const path = `${root}packages/${name}/package.json`;
      if (!existsSync(path)) continue;
      const { bin = {} } = JSON.parse(readFileSync(path, 'utf8')) as {
        readonly bin?: Readonly<Record<string, string>>;
      };
      for (const file of Object.values(bin)) {
        expect(file).not.to.match(/^(\.\/)?dist\//);
        expect(existsSync(`${root}packages/${name}/${file}`), file).to.equal(true);
      }
    }
  });

  it('start an org with changes, and show them, through npx', async () => {
    const env = join(folder, 'emulator.env');
    const [start = '', tail = ''] = blockAfter('## From the command line', 'sh')
      .replace(/ +#.*$/gm, '')
      .trim()
      .split('\n');
    const [, ...emulatorArgs] = start.replace('emulator.env', env).split(' ');
    const [, ...tailArgs] = `${tail.replace('emulator.env', env)} --limit 2`.split(' ');
    // A group of its own: npx starts a shell, and that the command.
    const emulator = spawn('npx', emulatorArgs, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(emulator.stdout, 'data');
      while (!existsSync(env)) await setTimeout(50);
      const { stdout } = await promisify(execFile)('npx', tailArgs, { cwd: root });
      expect(stdout.trim().split('\n')).to.have.length(2);
      expect(stdout).to.match(/^\d\d:\d\d:\d\d +(CREATE|UPDATE|DELETE|UNDELETE) +Account \w{18}/m);
    } finally {
      process.kill(-emulator.pid!, 'SIGTERM');
      await once(emulator, 'close');
    }
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
